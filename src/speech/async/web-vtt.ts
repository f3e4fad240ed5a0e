import type { TimedWord } from './whole-speech.ts'

/** Two lines of a subtitle, and as long as one is looked at. */
const longestCueChars = 74
const longestCueMs = 6000
const longestPauseMs = 800
const sentenceEnd = /[\p{Sentence_Terminal}…]["'”’»)\]]*$/u

/**
 * Words in time as a WebVTT file (W3C): a cue for each sentence, or part of one that fits on a screen. Inside a cue a
 * time stands before each word, so that a player can follow word by word.
 */
export function webVtt(words: readonly TimedWord[]): string {
  const cues = cuesOf(
    words.filter(({ word }) => word.trim() !== '').toSorted((one, other) => one.startMs - other.startMs),
  )
  let previousEndMs = 0
  const blocks = cues.map((cue, index) => {
    const first = cue[0]?.startMs ?? 0
    const nextMs = cues[index + 1]?.[0]?.startMs ?? Number.POSITIVE_INFINITY
    const startMs = Math.max(Math.round(first), previousEndMs)
    // A cue must last, and does not hang over into the next one.
    const lastMs = Math.max(...cue.map((word) => word.endMs))
    const endMs = Math.max(startMs + 1, Math.round(Math.min(lastMs, nextMs)))
    previousEndMs = endMs
    return `${timestamp(startMs)} --> ${timestamp(endMs)}\n${textOf(cue, startMs, endMs)}\n`
  })
  return ['WEBVTT\n', ...blocks].join('\n')
}

function cuesOf(words: readonly TimedWord[]): TimedWord[][] {
  const cues: TimedWord[][] = []
  let cue: TimedWord[] = []
  let chars = 0
  for (const word of words) {
    const last = cue.at(-1)
    const isFull =
      chars + word.word.length > longestCueChars || word.endMs - (cue[0]?.startMs ?? word.startMs) > longestCueMs
    if (last && (isFull || sentenceEnd.test(last.word) || word.startMs - last.endMs > longestPauseMs)) {
      cues.push(cue)
      cue = []
      chars = 0
    }
    cue.push(word)
    chars += word.word.length + 1
  }
  return cue.length === 0 ? cues : [...cues, cue]
}

/** A time inside a cue has to be later than the one before it, and than the cue's start, and earlier than its end. */
function textOf(cue: readonly TimedWord[], startMs: number, endMs: number): string {
  let latestMs = startMs
  return cue
    .map(({ word, startMs: at }) => {
      const ms = Math.round(at)
      const text = escaped(word)
      if (ms <= latestMs || ms >= endMs) return text
      latestMs = ms
      return `<${timestamp(ms)}>${text}`
    })
    .join(' ')
}

function escaped(word: string): string {
  return word.replaceAll(/\s+/g, ' ').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function timestamp(ms: number): string {
  const part = (value: number, digits = 2) => String(Math.floor(value)).padStart(digits, '0')
  return `${part(ms / 3_600_000)}:${part((ms / 60_000) % 60)}:${part((ms / 1000) % 60)}.${part(ms % 1000, 3)}`
}
