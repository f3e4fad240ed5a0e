import type { Timer } from '../../ops/clock.ts'
import { createPlainSpeech, type PlainSpeech } from '../plain-speech.ts'
import type { SpeechEnd, SpeechSink } from '../provider.ts'
import { hasWord, spaceBetween } from './text.ts'

/** One utterance from `speak` to its end. Changed in place. */
export interface Utterance {
  readonly sink: SpeechSink
  readonly plain: PlainSpeech
  /** Plain text that is not on the wire, or was taken back from it. */
  unsent: string
  /** What was written last, to see whether a space is needed before the next piece. */
  written: string
  inputEnded: boolean
  over: boolean
  /** That some of its audio was all of it was concluded from silence. */
  unconfirmed: boolean
  /** Said again after a lost connection; a second loss fails it. */
  repeated: boolean
  /** The writer stopped behind a sentence. */
  paused: boolean
  writerTimer: Timer | undefined
  /** Since when its text could not be sent, for want of a connection or of what that may carry. */
  stranded: { readonly connected: boolean; readonly sinceMs: number } | undefined
}

export function createUtterance(sink: SpeechSink): Utterance {
  return {
    sink,
    plain: createPlainSpeech(),
    unsent: '',
    written: '',
    inputEnded: false,
    over: false,
    unconfirmed: false,
    repeated: false,
    paused: false,
    writerTimer: undefined,
    stranded: undefined,
  }
}

/** How it ends when all of it was spoken. */
export function doneOf({ unconfirmed }: Utterance): SpeechEnd & { readonly kind: 'done' } {
  return unconfirmed ? { kind: 'done', unconfirmed } : { kind: 'done' }
}

/** Adds a piece of text as it was pushed. */
export function write(utterance: Utterance, text: string): void {
  add(utterance, utterance.plain.push(text))
}

export function endInput(utterance: Utterance): void {
  add(utterance, utterance.plain.end())
  utterance.inputEnded = true
}

function add(utterance: Utterance, piece: string): void {
  if (piece === '') return
  utterance.unsent += spaceBetween(utterance.written, piece) + piece
  utterance.written = piece
}

/** Whether nothing is left of it to be sent: what holds no word makes no sound. */
export function isAllSent(utterance: Utterance): boolean {
  return utterance.inputEnded && !hasWord(utterance.unsent)
}

/** The next whose text can be sent; none while one before it may still be written on. */
export function nextToSend(queue: readonly Utterance[]): Utterance | undefined {
  for (const utterance of queue) {
    if (hasWord(utterance.unsent)) return utterance
    if (!utterance.inputEnded) return undefined
  }
  return undefined
}
