import type { Timer } from '../../ops/clock.ts'
import type { SpeechEnd, SpeechInput, SpeechSink } from '../provider.ts'
import { shortestSpeechMs } from '../shortest-speech.ts'
import { neverMs, type Progress } from './ending.ts'

export interface Chunk {
  /** Base64, as it came. */
  readonly payload: string
  readonly audioBytes: number
}

/** Who is told of what is done with the input of an utterance. */
interface UtteranceTurns {
  grown(utterance: Utterance): void
  finish(utterance: Utterance, end: SpeechEnd): void
}

const none: readonly string[] = []

/**
 * One utterance from `speak` to its end: what its session hands out, and what the session knows of it. Changed in place:
 * its numbers change with every chunk.
 */
export class Utterance implements Progress, SpeechInput {
  // What each chunk needs stands together.
  /** Of the context that speaks it; set when its first text is sent. */
  contextId = ''
  audioBytes = 0
  audioAt = neverMs
  firstAudioAt: number | undefined = undefined
  awaitingSince: number | undefined = undefined
  inputEnded = false
  expectedMs = 0
  readonly sink: SpeechSink
  readonly #turns: UtteranceTurns
  /** Its first text was sent on the present connection. */
  begun = false
  unsent = none
  /** Kept until audio is passed on, in case it must be said again on another connection. */
  sent = none
  /** Audio that came before its turn. */
  held: Chunk[] | undefined = undefined
  /** Of the texts not sent yet, one at least can be heard. */
  audioWanted = false
  over = false
  /** Said again after a lost connection; a second loss fails it. */
  repeated = false
  /** Said again under the server's context id. */
  switched = false
  timer: Timer | undefined = undefined
  turnAt: number | undefined = undefined
  textAt: number | undefined = undefined
  endedAt: number | undefined = undefined
  finalAt: number | undefined = undefined
  silentFinalAt: number | undefined = undefined
  complaint: Progress['complaint'] = undefined

  constructor(sink: SpeechSink, turns: UtteranceTurns) {
    this.sink = sink
    this.#turns = turns
  }

  push(text: string): void {
    if (this.over || this.inputEnded || text.trim() === '') return
    // Not pushed: a list that grows takes room for seventeen.
    this.unsent = [...this.unsent, text]
    const shortestMs = shortestSpeechMs(text)
    this.expectedMs += shortestMs
    this.audioWanted ||= shortestMs > 0
    this.#turns.grown(this)
  }

  end(): void {
    if (this.over || this.inputEnded) return
    this.inputEnded = true
    this.#turns.grown(this)
  }

  cancel(): void {
    this.#turns.finish(this, { kind: 'cancelled' })
  }

  /** Whether there is, or was, anything to say. */
  hasText(): boolean {
    return this.sent.length > 0 || this.unsent.length > 0 || this.begun
  }

  /** All of its text was sent. It need not be kept once audio came. */
  allSent(): void {
    if (this.audioBytes === 0) this.sent = textsOf(this)
    this.unsent = none
  }

  /** Passes audio on; it cannot be said again then. */
  pass({ payload, audioBytes }: Chunk): void {
    this.sent = none
    this.sink.audio(payload, audioBytes)
  }

  /** Takes back all that was sent, to send it again. Only while no audio was passed on. */
  rewind(): void {
    this.unsent = textsOf(this)
    this.sent = none
    this.held = undefined
    this.begun = false
    this.audioWanted = this.expectedMs > 0
    this.audioBytes = 0
    this.firstAudioAt = undefined
    this.audioAt = neverMs
    this.endedAt = this.finalAt = this.silentFinalAt = undefined
    this.complaint = undefined
  }
}

function textsOf({ sent, unsent }: Utterance): readonly string[] {
  return sent.length === 0 ? unsent : [...sent, ...unsent]
}
