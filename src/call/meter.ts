import { bytesToMs } from '../audio/duration.ts'
import type { Clock } from '../ops/clock.ts'
import type { CallObserver } from './observer.ts'
import type { Utterance } from './utterance.ts'

/** Measures one call's audio on its way, and tells the observer. It changes nothing. */
export interface Meter {
  /** A frame of the speech service came in. */
  readonly received: () => void
  /** Its audio went out to Twilio, or audio of our own. */
  readonly sent: (audioBytes: number, own?: boolean) => void
  marked(name: string): void
  /** A mark of ours came back; `aheadMs` of sound are still to be played. */
  echoed(name: string, aheadMs: number): void
  interrupting(): void
  cleared(): void
  saying(id: string, utterance: Utterance): void
}

export function createMeter(clock: Clock, observer: CallObserver): Meter {
  /** The last frame in, the end of the sound sent so far, the last interruption. Always numbers: a write allocates nothing. */
  const at = { receivedMs: Number.NaN, playedMs: Number.NEGATIVE_INFINITY, interruptedMs: Number.NaN }
  /** When the sound before a mark should have been played. */
  const dueMs = new Map<string, number>()
  return {
    received() {
      at.receivedMs = clock.now()
    },
    sent(audioBytes, own = false) {
      const nowMs = clock.now()
      if (!own) observer.forwarded(nowMs - at.receivedMs)
      at.playedMs = Math.max(at.playedMs, nowMs) + bytesToMs(audioBytes)
    },
    marked(name) {
      dueMs.set(name, Math.max(at.playedMs, clock.now()))
    },
    echoed(name, aheadMs) {
      const due = dueMs.get(name)
      if (due === undefined) return
      dueMs.delete(name)
      observer.marked(Math.max(0, clock.now() - due), aheadMs)
    },
    interrupting() {
      at.interruptedMs = clock.now()
    },
    cleared() {
      const nowMs = clock.now()
      observer.cleared(nowMs - at.interruptedMs)
      // Marks that come back by a clear prove nothing, and are late for nothing.
      dueMs.clear()
      at.playedMs = nowMs
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
