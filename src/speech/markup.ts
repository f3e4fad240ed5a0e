import { BridgeError } from '../errors.ts'

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

/** Digits, and what may stand between them (Async docs, "Pronouncing digits one by one"). */
const digitText = /^[0-9 ().-]+$/
/** IPA: letters and what stands on them, tones, syllable dots, stress and length marks, groups, links and intonation. */
const ipaText = /^[\p{L}\p{M}\p{Sk} .'|‖‿↗↘-]+$/u
const longestElementChars = 200

/**
 * A pause, to stand in a text: `Hello. ${pause(400)} It is ready.` 80 to 1,200 ms sound natural; Async may round tiny
 * ones.
 *
 * @param ms 1 to 10,000; rounded to whole milliseconds
 * @throws BridgeError `markup.invalid`
 */
export function pause(ms: number): string {
  if (typeof ms === 'number' && ms >= 1 && ms <= longestBreakMs) return `<break time='${Math.round(ms)}ms'/>`
  throw invalid(
    `Expected a pause of 1 to ${longestBreakMs} ms; ${typeof ms === 'number' ? `${ms} ms` : typeof ms} came.`,
  )
}

/**
 * Digits, to be said one by one: a code, a phone number.
 *
 * @param text 0 to 9, with spaces, dashes, dots and parentheses between them
 * @throws BridgeError `markup.invalid`, which does not repeat the text
 */
export function digits(text: string): string {
  if (/\d/.test(checked('digits', text)) && digitText.test(text)) return `<digits>${text}</digits>`
  throw invalid(
    `Expected digits 0 to 9, with nothing but spaces, dashes, dots and parentheses between them; ${strangers(text, digitText)} came.`,
  )
}

/**
 * A word as it sounds: `phonemes('ˈeɪ.sɪŋk')`.
 *
 * @param ipa the International Phonetic Alphabet, with dots between syllables and stress marks
 * @throws BridgeError `markup.invalid`, which does not repeat the text
 */
export function phonemes(ipa: string): string {
  // Marks of stress and length are letters too, of a kind of their own.
  if (/[\p{Ll}\p{Lo}]/u.test(checked('phonemes', ipa)) && ipaText.test(ipa)) return `<phonemes>${ipa}</phonemes>`
  throw invalid(`Expected sounds in IPA, such as ˈeɪ.sɪŋk; ${strangers(ipa, ipaText)} came.`)
}

function checked(what: string, text: unknown): string {
  if (typeof text !== 'string') throw invalid(`Expected ${what} as a string; ${typeof text} came.`)
  if (text.length <= longestElementChars) return text
  throw invalid(`Expected ${what} of at most ${longestElementChars} characters; ${text.length} came.`)
}

/** The kinds of characters that do not belong there, not the text. */
function strangers(text: string, allowed: RegExp): string {
  const odd = [...new Set(text)].filter((character) => !allowed.test(character))
  if (odd.length === 0) return text.trim() === '' ? 'an empty text' : 'a text without any'
  return odd.some((character) => /[\p{L}\p{N}]/u.test(character)) ? 'other letters or digits' : 'other signs'
}

function invalid(problem: string): BridgeError {
  return new BridgeError('markup.invalid', problem)
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
