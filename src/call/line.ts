import { bytesToMs, msToBytes } from '../audio/duration.ts'
import type { Clock } from '../ops/clock.ts'
import type { MediaConnection } from './connection.ts'
import { type Account, PlaybackLedger } from './ledger.ts'
import type { Meter } from './meter.ts'
import { createPlaybackWatch, type PlaybackWatch } from './playback-watch.ts'

/** Sound between two marks: how finely the program knows what was heard, against one small frame each. */
const markEveryBytes = msToBytes(250)

/**
 * The way to Twilio: what goes out, the marks behind it, and the book of it. It is its own ledger, since each object that
 * is looked at on the way of a chunk is felt (docs/performance.md).
 */
export interface Line extends PlaybackLedger {
  readonly keepAudio: boolean
  /** Notices that marks no longer come back. */
  readonly watch: PlaybackWatch
  play(account: Account, payload: string, audioBytes: number): void
  /** The same for audio that no speech service made. */
  playOwn(account: Account, payload: string, audioBytes: number): void
  /** Puts a mark behind everything sent so far, if none stands there. */
  markEnd(): void
  /** Empties Twilio's buffer. */
  clear(): void
  /** Of what was sent, what the speech service made. */
  spokenMs(): number
}

export interface LineOptions {
  readonly clock: Clock
  readonly connection: MediaConnection
  readonly keepAudio: boolean
  /** Called once, with the first sound that went out. */
  readonly firstAudio: () => void
  readonly meter?: Meter | undefined
}

/** @param unconfirmed see `createPlaybackWatch` */
export function createLine(options: LineOptions, unconfirmed: (outstandingMs: number) => void): Line {
  return new MarkedLine(options, unconfirmed)
}

class MarkedLine extends PlaybackLedger implements Line {
  readonly #connection: MediaConnection
  /** Called with the first audio, and then let go. */
  #firstAudio: (() => void) | undefined
  readonly #meter: Meter | undefined
  #ownBytes = 0
  readonly keepAudio: boolean
  readonly watch: PlaybackWatch

  constructor(options: LineOptions, unconfirmed: (outstandingMs: number) => void) {
    super()
    this.#connection = options.connection
    this.#firstAudio = options.firstAudio
    this.#meter = options.meter
    this.keepAudio = options.keepAudio
    this.watch = createPlaybackWatch(options.clock, this, unconfirmed)
  }

  play(account: Account, payload: string, audioBytes: number): void {
    const unmarkedBytes = this.sent(account, audioBytes)
    if (unmarkedBytes <= audioBytes) this.#meter?.began()
    if (unmarkedBytes < markEveryBytes) this.#connection.media(payload)
    else this.#connection.media(payload, this.#nextMark())
    if (this.#firstAudio) this.#begun(this.#firstAudio)
  }

  playOwn(account: Account, payload: string, audioBytes: number): void {
    this.#ownBytes += audioBytes
    this.play(account, payload, audioBytes)
  }

  markEnd(): void {
    if (this.unmarkedMs() > 0) this.#connection.mark(this.#nextMark())
  }

  clear(): void {
    if (this.cleared()) {
      this.#connection.clear()
      this.#meter?.cleared()
    }
    this.watch.proven()
  }

  spokenMs(): number {
    return this.sentMs() - bytesToMs(this.#ownBytes)
  }

  #nextMark(): string {
    const soundMs = this.unmarkedMs()
    const name = this.mark()
    this.#meter?.marked(name, soundMs)
    this.watch.marked()
    return name
  }

  #begun(firstAudio: () => void): void {
    this.#firstAudio = undefined
    firstAudio()
  }
}
