import type { Clock } from '../ops/clock.ts'
import { createMarks } from './marks.ts'
import type { CallObserver } from './observer.ts'
import type { Utterance } from './utterance.ts'

/** Measures one call's audio on its way, and tells the observer. It changes nothing. */
export interface Meter {
  /** The first sound behind a mark goes out to Twilio. */
  began(): void
  /** A mark goes out, behind so much sound since the one before. */
  marked(name: string, soundMs: number): void
  /** A mark of ours came back; `aheadMs` of sound are still to be played. */
  echoed(name: string, aheadMs: number): void
  interrupting(): void
  cleared(): void
  saying(id: string, utterance: Utterance): void
}

export function createMeter(clock: Pick<Clock, 'now'>, observer: CallObserver): Meter {
  return new CallMeter(clock, observer)
}

class CallMeter implements Meter {
  readonly #clock: Pick<Clock, 'now'>
  readonly #observer: CallObserver
  #begunMs = Number.NEGATIVE_INFINITY
  /** When the sound before the last mark should have been played. Gaps in the quarter of a second between two marks are left out. */
  #playedMs = Number.NEGATIVE_INFINITY
  #interruptedMs = Number.NaN
  /** When the sound before a mark should have been played. */
  readonly #dueMs = createMarks()

  constructor(clock: Pick<Clock, 'now'>, observer: CallObserver) {
    this.#clock = clock
    this.#observer = observer
  }

  began(): void {
    this.#begunMs = this.#clock.now()
  }

  marked(name: string, soundMs: number): void {
    this.#playedMs = Math.max(this.#playedMs, this.#begunMs) + soundMs
    this.#dueMs.add(name, Math.max(this.#playedMs, this.#clock.now()))
  }

  echoed(name: string, aheadMs: number): void {
    const due = this.#dueMs.take(name)
    if (due !== undefined) this.#observer.marked(Math.max(0, this.#clock.now() - due), aheadMs)
  }

  interrupting(): void {
    this.#interruptedMs = this.#clock.now()
  }

  cleared(): void {
    const nowMs = this.#clock.now()
    this.#observer.cleared(nowMs - this.#interruptedMs)
    // Marks that come back by a clear prove nothing, and are late for nothing.
    this.#dueMs.clear()
    this.#playedMs = nowMs
  }

  saying(id: string, utterance: Utterance): void {
    const observer = this.#observer
    observer.utterance(id, 'began')
    utterance.then(
      ({ end }) => observer.utterance(id, end),
      () => observer.utterance(id, 'failed'),
    )
  }
}
