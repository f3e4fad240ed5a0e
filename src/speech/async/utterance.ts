import type { Timer } from '../../ops/clock.ts'
import type { SpeechSink } from '../provider.ts'
import { neverMs, type Progress } from './ending.ts'

export interface Chunk {
  /** Base64, as it came. */
  readonly payload: string
  readonly audioBytes: number
}

/** One utterance from `speak` to its end. Changed in place: its numbers change with every chunk. */
export interface Utterance extends Mutable<Progress> {
  readonly sink: SpeechSink
  /** Of the context that speaks it; set when its first text is sent. */
  contextId: string
  /** Its first text was sent on the present connection. */
  begun: boolean
  unsent: string[]
  /** Kept until audio is passed on, in case it must be said again on another connection. */
  sent: string[]
  /** Audio that came before its turn. */
  held: Chunk[]
  firstAudioAt: number | undefined
  /** Of the texts not sent yet, one at least can be heard. */
  audioWanted: boolean
  inputEnded: boolean
  over: boolean
  /** Said again after a lost connection; a second loss fails it. */
  repeated: boolean
  /** Said again under the server's context id. */
  switched: boolean
  timer: Timer | undefined
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export function createUtterance(sink: SpeechSink): Utterance {
  return {
    // What each chunk needs stands together.
    contextId: '',
    begun: false,
    audioBytes: 0,
    audioAt: neverMs,
    firstAudioAt: undefined,
    awaitingSince: undefined,
    inputEnded: false,
    expectedMs: 0,
    sink,
    unsent: [],
    sent: [],
    held: [],
    audioWanted: false,
    over: false,
    repeated: false,
    switched: false,
    timer: undefined,
    turnAt: undefined,
    textAt: undefined,
    endedAt: undefined,
    finalAt: undefined,
    silentFinalAt: undefined,
    complaint: undefined,
  }
}

/** Whether there is, or was, anything to say. */
export function hasText(utterance: Utterance): boolean {
  return utterance.sent.length > 0 || utterance.unsent.length > 0 || utterance.begun
}

/** Takes back all that was sent, to send it again. Only while no audio was passed on. */
export function rewind(utterance: Utterance): void {
  utterance.unsent = [...utterance.sent, ...utterance.unsent]
  utterance.sent = []
  utterance.held = []
  utterance.begun = false
  utterance.audioWanted = utterance.expectedMs > 0
  utterance.audioBytes = 0
  utterance.firstAudioAt = undefined
  utterance.audioAt = neverMs
  utterance.endedAt = utterance.finalAt = utterance.silentFinalAt = undefined
  utterance.complaint = undefined
}
