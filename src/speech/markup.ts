/**
 * The three tags that Async's voices understand inside a text (Async docs, "Insert silent pauses with break" and
 * "Pronouncing digits one by one"): `<break time='400ms'/>`, `<digits>(123) 456-7890</digits>`,
 * `<phonemes>ˈeɪ.sɪŋk</phonemes>`. Anything else between `<` and `>` is text, half tags and unknown tags too.
 */
export type MarkupPart =
  | { readonly kind: 'text'; readonly source: string; readonly text: string }
  | { readonly kind: 'break'; readonly source: string; readonly pauseMs: number }
  | { readonly kind: 'digits'; readonly source: string; readonly text: string }
  | { readonly kind: 'phonemes'; readonly source: string; readonly ipa: string }

/** The longest pause a `<break>` can ask for. Async clamps too, but does not publish at what. */
export const longestBreakMs = 10_000

const element =
  /<break\s+time\s*=\s*(?<quote>['"])(?<time>\d+(?:\.\d+)?)(?<unit>ms|s)\k<quote>\s*\/>|<digits>(?<digits>[^<>]*)<\/digits>|<phonemes>(?<ipa>[^<>]*)<\/phonemes>/g

/** Takes a text apart. The parts' `source`, one after the other, is the text again, to the character. */
export function parseMarkup(text: string): MarkupPart[] {
  const parts: MarkupPart[] = []
  let at = 0
  const addText = (end: number) => {
    const source = text.slice(at, end)
    if (source !== '') parts.push({ kind: 'text', source, text: source })
  }
  for (const match of text.matchAll(element)) {
    addText(match.index)
    parts.push(parsed(match[0], match.groups ?? {}))
    at = match.index + match[0].length
  }
  addText(text.length)
  return parts
}

function parsed(source: string, groups: Record<string, string | undefined>): MarkupPart {
  const { time, unit, digits, ipa } = groups
  if (digits !== undefined) return { kind: 'digits', source, text: digits }
  if (ipa !== undefined) return { kind: 'phonemes', source, ipa }
  const pauseMs = Number(time) * (unit === 's' ? 1000 : 1)
  return { kind: 'break', source, pauseMs: Math.min(longestBreakMs, Math.round(pauseMs)) }
}

/**
 * Makes data (a name, a number, anything a stranger typed) safe to stand in a text with markup: `<` and `>` go.
 * Async's own escaping rules are not documented, so nothing is escaped that might be read aloud.
 */
export function escapeText(data: string): string {
  return data.replaceAll(/[<>]/g, '')
}

/**
 * The text with its known tags as they are and every other `<` and `>` taken out: to a service that reads markup a
 * half tag may swallow the words behind it.
 */
export function keepKnownMarkup(text: string): string {
  return parseMarkup(text)
    .map((part) => (part.kind === 'text' ? escapeText(part.text) : part.source))
    .join('')
}

/** Milliseconds of pauses that the text asks for. */
export function pausesMs(text: string): number {
  return parseMarkup(text).reduce((sum, part) => sum + (part.kind === 'break' ? part.pauseMs : 0), 0)
}

/** What a person hears, in words, for quoting: the three tags go, what they enclose stays. */
export function stripMarkup(text: string): string {
  let words = ''
  let paused = false
  for (const part of parseMarkup(text)) {
    if (part.kind === 'break') {
      paused = true
      continue
    }
    let inner = part.kind === 'phonemes' ? part.ipa : part.text
    if (paused) {
      // A pause stands between words even where no space does, but leaves no space before a comma, nor two in a row.
      words = words.trimEnd()
      inner = inner.trimStart()
      if (words !== '' && inner !== '' && !/^[.,;:!?…)\]}»”’、。，！？]/u.test(inner)) words += ' '
    }
    words += inner
    paused = false
  }
  return words
}

/** Whether a letter or a digit is left to say once the tags are gone. */
export function hasWords(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(stripMarkup(text))
}
