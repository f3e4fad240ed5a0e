import { bytesToMs, msToBytes } from '../audio/duration.ts'
import type { BridgeError } from '../errors.ts'
import { type Floor, utteranceOf } from './floor.ts'
import type { Account } from './ledger.ts'
import { soundError } from './sound-source.ts'
import type { Delivery, Heard, Settled, Utterance } from './utterance.ts'

/** How far ahead of what was heard a sound is sent. Unlike a text it is at hand: more would only fill buffers. */
const soundLeadMs = 10_000
const chunkBytes = msToBytes(250)

/** Where the mu-law of a sound comes from, piece by piece. */
export type Pieces = AsyncIterator<Uint8Array, void>

/**
 * Plays one sound: straight to the line, as fast as it is heard, with an account in the ledger like that of a text. It
 * is heard when its last mark came back. What of a sound could be read is played before it fails.
 *
 * @param pieces asked for no more than is played, and always told when they are not wanted any more
 * @param refusal nothing is played and the utterance rejects with it
 */
export function createPlaying(floor: Floor, pieces: Pieces, refusal: BridgeError | undefined): Delivery {
  return new PlayedSound(floor, pieces, refusal)
}

class PlayedSound implements Delivery, Account {
  readonly utterance: Utterance
  readonly direct = true
  sentBytes = 0
  heardBytes = 0
  lostBytes = 0
  readonly #floor: Floor
  readonly #pieces: Pieces
  readonly #resolve: (heard: Heard) => void
  readonly #reject: (error: BridgeError) => void
  readonly #kept: string[] = []
  /** Read and not yet sent. */
  #rest: Uint8Array = new Uint8Array()
  #reading = false
  #complete = false
  #failure: BridgeError | undefined
  #spoken = false
  #gated = false
  #settled: Settled | undefined

  constructor(floor: Floor, pieces: Pieces, refusal: BridgeError | undefined) {
    const { promise, resolve, reject } = Promise.withResolvers<Heard>()
    this.utterance = utteranceOf(promise, floor, this)
    this.#floor = floor
    this.#pieces = pieces
    this.#resolve = resolve
    this.#reject = reject
    if (refusal) this.cut(refusal)
    // Before its turn has come: what cannot be read is known early, and what can be is at hand.
    else this.#read()
  }

  settled(): Settled | undefined {
    return this.#settled
  }

  spoken(): boolean {
    return this.#spoken
  }

  writing(): boolean {
    return !this.#closed()
  }

  idle(): boolean {
    return this.#spoken
  }

  heardText(): string {
    return ''
  }

  unheard(): readonly string[] {
    return []
  }

  begun(): readonly string[] {
    return []
  }

  feed(): number | undefined {
    const { line } = this.#floor
    if (this.#closed() || line.outstandingMs() >= soundLeadMs) return undefined
    if (this.#rest.length < chunkBytes && !this.#complete) {
      this.#read()
      return undefined
    }
    if (this.#rest.length === 0) return undefined
    const chunk = this.#rest.subarray(0, chunkBytes)
    this.#rest = this.#rest.subarray(chunk.length)
    const payload = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('base64')
    if (line.keepAudio) this.#kept.push(payload)
    line.playOwn(this, payload, chunk.length)
    this.#lookWhetherSpoken()
    // It is sent, and stands in the ledger: nothing of it has to be expected.
    return 0
  }

  proven(): void {
    if (this.#settled || !this.#spoken || this.heardBytes < this.sentBytes) return
    if (this.#failure) this.cut(this.#failure)
    else this.#settle('heard')
  }

  gate(): void {
    this.#gated = true
    this.#leave()
  }

  interrupted(): void {
    this.#settle('interrupted')
  }

  cut(error: BridgeError): void {
    this.#settle('failed', error)
  }

  heardAudio(): Uint8Array {
    return Buffer.concat(this.#kept.map((payload) => Buffer.from(payload, 'base64'))).subarray(0, this.heardBytes)
  }

  /** Nothing of it passes any more. */
  #closed(): boolean {
    return this.#gated || this.#spoken || this.#settled !== undefined
  }

  #leave(): void {
    this.#complete = true
    this.#rest = new Uint8Array()
    // Behind a read that is under way; then the file is closed.
    Promise.resolve(this.#pieces.return?.()).catch(() => {})
  }

  #settle(as: Settled, error?: BridgeError): void {
    if (this.#settled) return
    this.#settled = as
    this.#leave()
    const end = as === 'heard' ? 'heard' : 'interrupted'
    const { sentBytes, heardBytes } = this
    if (error) this.#reject(error)
    else this.#resolve({ end, sentMs: bytesToMs(sentBytes), heardMs: bytesToMs(heardBytes), heardText: '' })
    this.#floor.moreToFeed()
  }

  #read(): void {
    if (this.#reading || this.#complete) return
    this.#reading = true
    this.#pieces.next().then(
      ({ value, done }) => this.#came(value ?? undefined, done === true),
      (thrown: unknown) => this.#came(undefined, true, soundError(thrown)),
    )
  }

  #came(piece: Uint8Array | undefined, last: boolean, failure?: BridgeError): void {
    this.#reading = false
    if (this.#complete) return
    this.#failure = failure
    this.#complete = last
    if (piece) this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece])
    this.#floor.moreToFeed()
    this.#lookWhetherSpoken()
  }

  #lookWhetherSpoken(): void {
    if (this.#closed() || !this.#complete || this.#rest.length > 0) return
    this.#spoken = true
    this.#floor.line.markEnd()
    this.proven()
    this.#floor.moreToFeed()
  }
}
