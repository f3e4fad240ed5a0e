/** What is to be heard: words for the voice, or silence. */
export type Segment =
  | { readonly kind: 'speech'; readonly text: string }
  | { readonly kind: 'silence'; readonly ms: number }

export type MarkupFault = 'split-markup' | 'unknown-markup' | 'bad-markup'

export interface ParsedTranscript {
  readonly segments: readonly Segment[]
  readonly faults: readonly MarkupFault[]
}

/** The real service clamps long breaks at a value it does not publish. */
const longestBreakMs = 10_000
const tagPattern = /<([^<>]*)>/g

function breakMs(tag: string): number | undefined {
  const match = /^break\s+time\s*=\s*(['"])(\d+(?:\.\d+)?)(ms|s)\1\s*\/$/.exec(tag)
  if (!match) return undefined
  const ms = Number(match[2]) * (match[3] === 's' ? 1000 : 1)
  return Math.min(ms, longestBreakMs)
}

function digitByDigit(text: string): string {
  return text.replace(/\D/g, '').split('').join(' ')
}

/**
 * Reads `<break time='400ms'/>`, `<digits>` and `<phonemes>` (Async docs, break and digits pages); no tag is ever left
 * in the text. Half a tag swallows the words on its side, so that a client that split one hears that something is gone.
 */
export function parseTranscript(transcript: string): ParsedTranscript {
  const segments: Segment[] = []
  const faults: MarkupFault[] = []
  let element: 'digits' | 'phonemes' | undefined
  let from = 0

  function speak(raw: string): void {
    let text = raw
    const close = text.lastIndexOf('>')
    const open = text.indexOf('<', close + 1)
    if (open >= 0) text = text.slice(0, open)
    if (close >= 0) text = text.slice(close + 1)
    if (open >= 0 || close >= 0) faults.push('split-markup')
    if (element === 'digits') text = digitByDigit(text)
    const last = segments.at(-1)
    if (text.trim() === '') return
    if (last?.kind === 'speech') segments[segments.length - 1] = { kind: 'speech', text: last.text + text }
    else segments.push({ kind: 'speech', text })
  }

  for (const match of transcript.matchAll(tagPattern)) {
    speak(transcript.slice(from, match.index))
    from = match.index + match[0].length
    const tag = (match[1] ?? '').trim()
    if (/^break\b/.test(tag)) {
      const ms = breakMs(tag)
      if (ms === undefined || element === 'phonemes') faults.push('bad-markup')
      if (ms !== undefined) segments.push({ kind: 'silence', ms })
    } else if (tag === 'digits' || tag === 'phonemes') {
      if (element) faults.push('bad-markup')
      element = tag
    } else if (tag === '/digits' || tag === '/phonemes') {
      if (element !== tag.slice(1)) faults.push('split-markup')
      element = undefined
    } else faults.push('unknown-markup')
  }
  speak(transcript.slice(from))
  if (element) faults.push('split-markup')
  return {
    segments: segments.map((segment) =>
      segment.kind === 'speech' ? { kind: 'speech', text: segment.text.replace(/\s+/g, ' ').trim() } : segment,
    ),
    faults: [...new Set(faults)],
  }
}
