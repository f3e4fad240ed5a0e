import { tone } from './phone-network/phone/tone.ts'

/** What a caller says, for an emulated recognizer to hear. */
export interface Saying {
  readonly text: string
  /** Where in the audio of the connection it begins; left out: where the audio has come to. */
  readonly atMs?: number
  /** How long a word takes; 300 when left out. */
  readonly wordMs?: number
  /** The pieces that become a final result each; left out: all of it is one. */
  readonly parts?: readonly string[]
  /** What the service takes it for on the way, one after the other, instead of what it would make of it. */
  readonly interims?: readonly string[]
}

/** What is told while words come in; `changing`: the last word of each is misheard at first. */
export type Guessing = 'growing' | 'changing' | 'none'

/** A piece of a saying at its place in the audio. */
export interface SaidPart {
  readonly text: string
  readonly startMs: number
  readonly endMs: number
  /** What it is taken for on the way, each when its words are out. */
  readonly guesses: readonly { readonly text: string; readonly atMs: number }[]
  readonly isLast: boolean
}

export const defaultWordMs = 300
const voiceHz = 200

/** Words as somebody at a phone says them: what a recognizer hears of them, and the sound that goes over the line. */
export function spokenAloud(said: string): {
  readonly text: string
  readonly words: number
  readonly sound: Uint8Array
} {
  const all = words(said)
  return { text: all.join(' '), words: all.length, sound: tone(voiceHz, all.length * defaultWordMs) }
}

/** A saying laid out in the audio, which has come to `audioMs`. */
export function partsOf(saying: Saying, audioMs: number, guessing: Guessing): SaidPart[] {
  const { text, atMs = audioMs, wordMs = defaultWordMs, parts = [text], interims } = saying
  let endMs = atMs
  return parts.map((part, index) => {
    const startMs = endMs
    endMs += words(part).length * wordMs
    const texts = interims && index === 0 ? interims : guessesOf(words(part), guessing)
    const stepMs = (endMs - startMs) / texts.length
    const guesses = texts.map((guess, nth) => ({ text: guess, atMs: startMs + (nth + 1) * stepMs }))
    return { text: part, startMs, endMs, guesses, isLast: index === parts.length - 1 }
  })
}

export function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}

/** What is thought of a text while its words come in. */
export function guessesOf(all: readonly string[], how: Guessing): string[] {
  if (how === 'none') return []
  return all.flatMap((word, index) => {
    const before = all.slice(0, index)
    const right = [...before, word].join(' ')
    return how === 'growing' ? [right] : [[...before, 'um', misheard(word)].join(' '), right]
  })
}

function misheard(word: string): string {
  return word.slice(1) + word.slice(0, 1)
}
