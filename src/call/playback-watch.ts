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
  ledger: Pick<PlaybackLedger, 'nextProofMs' | 'outstandingMs'>,
  unconfirmed: (outstandingMs: number) => void,
): PlaybackWatch {
  return new EchoWatch(clock, ledger, unconfirmed)
}

class EchoWatch implements PlaybackWatch {
  readonly #clock: Clock
  readonly #ledger: Pick<PlaybackLedger, 'nextProofMs' | 'outstandingMs'>
  readonly #unconfirmed: (outstandingMs: number) => void
  #timer: Timer | undefined
  #waiting = false
  #stopped = false
  #dueMs = Number.NaN

  constructor(
    clock: Clock,
    ledger: Pick<PlaybackLedger, 'nextProofMs' | 'outstandingMs'>,
    unconfirmed: (outstandingMs: number) => void,
  ) {
    this.#clock = clock
    this.#ledger = ledger
    this.#unconfirmed = unconfirmed
  }

  marked(): void {
    if (!this.#waiting) this.proven()
  }

  proven(): void {
    const proofMs = this.#ledger.nextProofMs()
    this.#waiting = proofMs !== undefined && !this.#stopped
    if (proofMs === undefined || this.#stopped) return
    this.#dueMs = this.#clock.now() + proofMs + echoMarginMs
    this.#arm()
  }

  stop(): void {
    this.#stopped = true
    this.#waiting = false
    this.#timer?.cancel()
  }

  // One timer that is set anew only when it has run out: marks come back several times a second.
  #arm(): void {
    this.#timer ??= this.#clock.after(Math.max(0, this.#dueMs - this.#clock.now()), () => this.#look())
  }

  #look(): void {
    this.#timer = undefined
    if (!this.#waiting) return
    if (this.#clock.now() < this.#dueMs) return this.#arm()
    this.#waiting = false
    this.#unconfirmed(this.#ledger.outstandingMs())
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
