import { BridgeError } from '../errors.ts'
import type { Clock, Timer } from '../ops/clock.ts'
import type { PlaybackLedger } from './ledger.ts'

/** How long after its audio should have been played a mark may still come back. */
const echoMarginMs = 5_000

/** Notices that marks no longer come back: the line does not play, or does not say so. */
export interface PlaybackWatch {
  /** A mark was sent. */
  marked(): void
  /** A mark came back, or all were cleared. */
  proven(): void
  /** Nothing is watched from now on. */
  stop(): void
}

/** @param unconfirmed called once when the next mark is overdue, with the sound that is outstanding */
export function createPlaybackWatch(
  clock: Clock,
  ledger: PlaybackLedger,
  unconfirmed: (outstandingMs: number) => void,
): PlaybackWatch {
  let timer: Timer | undefined
  let waiting = false
  let stopped = false
  let dueMs = 0

  // One timer that is set anew only when it has run out: marks come back several times a second.
  function arm(): void {
    timer ??= clock.after(Math.max(0, dueMs - clock.now()), () => {
      timer = undefined
      if (!waiting) return
      if (clock.now() < dueMs) return arm()
      waiting = false
      unconfirmed(ledger.outstandingMs())
    })
  }

  function look(): void {
    const proofMs = ledger.nextProofMs()
    waiting = proofMs !== undefined && !stopped
    if (proofMs === undefined || stopped) return
    dueMs = clock.now() + proofMs + echoMarginMs
    arm()
  }

  return {
    marked() {
      if (!waiting) look()
    },
    proven: look,
    stop() {
      stopped = true
      waiting = false
      timer?.cancel()
    },
  }
}

/** The next mark is overdue by more than the margin. */
export function unconfirmed(outstandingMs: number): BridgeError {
  return new BridgeError(
    'playback.unconfirmed',
    `The next mark was not echoed within ${echoMarginMs} ms after its audio should have been played.`,
    { details: { outstandingMs } },
  )
}
