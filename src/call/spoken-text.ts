import { bytesToMs } from '../audio/duration.ts'
import { BridgeError } from '../errors.ts'
import type { TakenVoice } from '../speech/changing.ts'
import { createDelivery, heardPieces, heardText, type PieceDelivery, type PieceOwner } from './delivery.ts'
import { type Floor, utteranceOf } from './floor.ts'
import { isAudible, type Script, type ScriptReader } from './script.ts'
import type { Delivery, Heard, Settled, Utterance } from './utterance.ts'

/**
 * Speaks one text: feeds its sentences to a voice, its audio to the line, and decides when it was heard.
 *
 * @param options `refusal`: nothing is spoken and the utterance rejects with it
 */
export function createUtterance(floor: Floor, options: TextOptions): Delivery {
  return new SpokenText(floor, options)
}

interface TextOptions {
  readonly voice: TakenVoice
  readonly script: Script
  readonly refusal: BridgeError | undefined
}

class SpokenText implements Delivery, PieceOwner, ScriptReader {
  readonly utterance: Utterance
  readonly direct = false
  readonly #floor: Floor
  readonly #voice: TakenVoice
  readonly #script: Script
  readonly #resolve: (heard: Heard) => void
  readonly #reject: (error: BridgeError) => void
  readonly #given: PieceDelivery[] = []
  #begunPieces = 0
  #gated = false
  /** Nothing more comes: all sentences were spoken, or one could not be. */
  #spoken = false
  #failure: BridgeError | undefined
  #settled: Settled | undefined

  constructor(floor: Floor, { voice, script, refusal }: TextOptions) {
    const { promise, resolve, reject } = Promise.withResolvers<Heard>()
    this.utterance = utteranceOf(promise, floor, this)
    this.#floor = floor
    this.#voice = voice
    this.#script = script
    this.#resolve = resolve
    this.#reject = reject
    script.follow(this)
    if (refusal) this.cut(refusal)
    // Nothing to say is heard at once.
    else if (script.complete() && !script.pieces.some(isAudible)) this.#settle('heard')
  }

  settled(): Settled | undefined {
    return this.#settled
  }

  spoken(): boolean {
    return this.#spoken
  }

  writing(): boolean {
    return !this.#closed() && !this.#script.complete()
  }

  idle(): boolean {
    const last = this.#given.at(-1)
    return (
      this.#given.length === this.#script.pieces.length && (!last || last.end !== undefined || last.piece.open === true)
    )
  }

  heardText(): string {
    return heardText(this.#script.pieces, this.#given)
  }

  unheard(): readonly string[] {
    if (this.#settled === 'heard' || this.#settled === 'interrupted') return []
    return this.#script.pieces.slice(heardPieces(this.#given)).map((piece) => piece.text)
  }

  begun(): readonly string[] {
    const latest = this.#given.findLastIndex(({ heardBytes, piece }) => heardBytes > 0 && piece.open !== true)
    const news = this.#given.slice(this.#begunPieces, latest + 1).filter(({ heardBytes }) => heardBytes > 0)
    this.#begunPieces = Math.max(this.#begunPieces, latest + 1)
    return news.map(({ piece }) => piece.text)
  }

  feed(): number | undefined {
    if (this.#closed()) return undefined
    const piece = this.#script.pieces[this.#given.length]
    if (!piece) return undefined
    const delivery = createDelivery(this.#floor.line, piece, this)
    this.#given.push(delivery)
    delivery.speakIn(this.#voice)
    this.#script.taken()
    delivery.carryOn()
    return piece.estimateMs
  }

  proven(): void {
    if (this.#settled || !this.#spoken || this.#heardBytes() < this.#sentBytes()) return
    if (this.#failure) this.cut(this.#failure)
    else this.#settle('heard')
  }

  gate(): void {
    this.#gated = true
    this.#closeAll()
    this.#cancelAll()
  }

  interrupted(): void {
    this.#settle('interrupted')
  }

  cut(error: BridgeError): void {
    this.#settle('failed', error)
  }

  heardAudio(): Uint8Array {
    const kept = this.#given.flatMap((delivery) => delivery.kept ?? [])
    return Buffer.concat(kept.map((payload) => Buffer.from(payload, 'base64'))).subarray(0, this.#heardBytes())
  }

  pieceEnded({ end }: PieceDelivery): void {
    if (this.#closed()) return
    this.#failure = end?.kind === 'failed' ? end.error : end?.kind === 'cancelled' ? closed() : undefined
    // What was heard is known to the sentence.
    this.#floor.line.markEnd()
    this.#lookWhetherSpoken()
  }

  written(): void {
    if (this.#closed()) return
    this.#given.at(-1)?.carryOn()
    this.#floor.moreToFeed()
    this.#lookWhetherSpoken()
  }

  /** Nothing of it passes any more. */
  #closed(): boolean {
    return this.#gated || this.#spoken || this.#settled !== undefined
  }

  #sentBytes(): number {
    return this.#given.reduce((sum, { sentBytes }) => sum + sentBytes, 0)
  }

  #heardBytes(): number {
    return this.#given.reduce((sum, { heardBytes }) => sum + heardBytes, 0)
  }

  #closeAll(): void {
    for (const delivery of this.#given) delivery.close()
  }

  #cancelAll(): void {
    for (const delivery of this.#given) delivery.cancel()
  }

  /** No more text is wanted, and no more audio comes. */
  #noMore(): void {
    // First: while one is cancelled, a session may pass on another.
    this.#closeAll()
    this.#script.stop()
    this.#cancelAll()
    this.#voice.release()
  }

  #settle(as: Settled, error?: BridgeError): void {
    if (this.#settled) return
    this.#settled = as
    this.#noMore()
    const end = as === 'heard' ? 'heard' : 'interrupted'
    const sentMs = bytesToMs(this.#sentBytes())
    if (error) this.#reject(error)
    else this.#resolve({ end, sentMs, heardMs: bytesToMs(this.#heardBytes()), heardText: this.heardText() })
    this.#floor.moreToFeed()
  }

  #lookWhetherSpoken(): void {
    if (this.#closed()) return
    const all = this.#script.complete() && this.idle()
    const mute = this.#sentBytes() === 0
    if (all) this.#failure ??= this.#script.failure() ?? (this.#given.length > 0 && mute ? noAudio() : undefined)
    this.#spoken = all || this.#failure !== undefined
    if (!this.#spoken) return
    this.#noMore()
    if (this.#failure && mute) return this.cut(this.#failure)
    // Whatever was sent is still being played: what was heard is known only when the mark behind it comes back.
    this.proven()
    // A sound may wait for the end of this audio.
    this.#floor.moreToFeed()
  }
}

function closed(): BridgeError {
  return new BridgeError('speech.lost', 'The speech session was closed mid-utterance.')
}

function noAudio(): BridgeError {
  return new BridgeError('speech.stalled', 'The speech service ended the utterance without any audio for its text.')
}
