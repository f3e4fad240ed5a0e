import type { Clock } from '../ops/clock.ts'
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

export function createMeter(clock: Clock, observer: CallObserver): Meter {
  let begunMs = Number.NEGATIVE_INFINITY
  /** When the sound before the last mark should have been played. Gaps in the quarter of a second between two marks are left out. */
  let playedMs = Number.NEGATIVE_INFINITY
  let interruptedMs = Number.NaN
  /** When the sound before a mark should have been played. */
  const dueMs = new Map<string, number>()
  return {
    began() {
      begunMs = clock.now()
    },
    marked(name, soundMs) {
      playedMs = Math.max(playedMs, begunMs) + soundMs
      dueMs.set(name, Math.max(playedMs, clock.now()))
    },
    echoed(name, aheadMs) {
      const due = dueMs.get(name)
      if (due === undefined) return
      dueMs.delete(name)
      observer.marked(Math.max(0, clock.now() - due), aheadMs)
    },
    interrupting() {
      interruptedMs = clock.now()
    },
    cleared() {
      const nowMs = clock.now()
      observer.cleared(nowMs - interruptedMs)
      // Marks that come back by a clear prove nothing, and are late for nothing.
      dueMs.clear()
      playedMs = nowMs
    },
    saying(id, utterance) {
      observer.utterance(id, 'began')
      utterance.then(
        ({ end }) => observer.utterance(id, end),
        () => observer.utterance(id, 'failed'),
      )
    },
  }
}
