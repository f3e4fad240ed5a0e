import type { CallState } from './records.ts'
import type { Outcome } from './outcome.ts'

/**
 * Whoever measures a call: metrics, traces. It is told on the path of the audio, so it must be quick, allocate nothing
 * in `forwarded`, and never throw.
 */
export interface CallObserver {
  /** `previous` is undefined for the first state. States only go forward. */
  state(next: CallState, previous: CallState | undefined): void
  firstAudio(afterAnswerMs: number): void
  /** A chunk of audio went out, so long after it came in. Told of some. */
  readonly forwarded: (delayMs: number) => void
  /** A mark came back, so long after its audio should have ended; `aheadMs` of sound are still to be played. */
  marked(lagMs: number, aheadMs: number): void
  /** Twilio's buffer was cleared, so long after the interruption. */
  cleared(delayMs: number): void
  utterance(id: string, change: 'began' | 'heard' | 'interrupted' | 'failed'): void
  /** Once, when the outcome is told. */
  ended(outcome: Outcome): void
}

/** What an observer may know of a call from its beginning. */
export interface ObservedCall {
  readonly callId: string
  readonly direction: 'outbound' | 'inbound'
}

/** Tells two observers. */
export function bothObservers(one: CallObserver, other: CallObserver): CallObserver {
  return {
    state(next, previous) {
      one.state(next, previous)
      other.state(next, previous)
    },
    firstAudio(afterAnswerMs) {
      one.firstAudio(afterAnswerMs)
      other.firstAudio(afterAnswerMs)
    },
    forwarded(delayMs) {
      one.forwarded(delayMs)
      other.forwarded(delayMs)
    },
    marked(lagMs, aheadMs) {
      one.marked(lagMs, aheadMs)
      other.marked(lagMs, aheadMs)
    },
    cleared(delayMs) {
      one.cleared(delayMs)
      other.cleared(delayMs)
    },
    utterance(id, change) {
      one.utterance(id, change)
      other.utterance(id, change)
    },
    ended(outcome) {
      one.ended(outcome)
      other.ended(outcome)
    },
  }
}
