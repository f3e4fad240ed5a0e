import { bytesToMs } from '../audio/duration.ts'
import type { Clock } from '../ops/clock.ts'
import type { CallObserver } from './observer.ts'
import type { Utterance } from './utterance.ts'

/** Measures one call's audio on its way, and tells the observer. It changes nothing. */
export interface Meter {
  /** A frame of the speech service came in. */
  readonly received: () => void
  /** Its audio went out to Twilio, or audio of our own. */
  sent(audioBytes: number, own?: boolean): void
  marked(name: string): void
  /** A mark of ours came back; `aheadMs` of sound are still to be played. */
  echoed(name: string, aheadMs: number): void
  interrupting(): void
  cleared(): void
  saying(id: string, utterance: Utterance): void
}

const received = 0
const played = 1
const interrupted = 2

export function createMeter(clock: Clock, observer: CallObserver): Meter {
  /** The last frame in, the end of the sound sent so far, the last interruption. Typed: a write allocates nothing. */
  const timesMs = new Float64Array([Number.NaN, 0, 0])
  /** When the sound before a mark should have been played. */
  const dueMs = new Map<string, number>()
  const at = (which: number) => timesMs[which] ?? 0
  return {
    received() {
      timesMs[received] = clock.now()
    },
    sent(audioBytes, own = false) {
      const nowMs = clock.now()
      if (!own) observer.forwarded(nowMs - at(received))
      timesMs[played] = Math.max(at(played), nowMs) + bytesToMs(audioBytes)
    },
    marked(name) {
      dueMs.set(name, Math.max(at(played), clock.now()))
    },
    echoed(name, aheadMs) {
      const due = dueMs.get(name)
      if (due === undefined) return
      dueMs.delete(name)
      observer.marked(Math.max(0, clock.now() - due), aheadMs)
    },
    interrupting() {
      timesMs[interrupted] = clock.now()
    },
    cleared() {
      const nowMs = clock.now()
      observer.cleared(nowMs - at(interrupted))
      // Marks that come back by a clear prove nothing, and are late for nothing.
      dueMs.clear()
      timesMs[played] = nowMs
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
