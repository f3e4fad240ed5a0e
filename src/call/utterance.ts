import type { BridgeError } from '../errors.ts'

export interface Heard {
  readonly end: 'heard' | 'interrupted'
  readonly heardMs: number
  readonly sentMs: number
  readonly heardText: string
}

/** One thing being said. Awaiting it waits until it was heard. */
export interface Utterance extends Promise<Heard> {
  /** Stops it, and everything queued behind it, at once. */
  interrupt(): void
}

/** How an utterance ended. */
export type Settled = 'heard' | 'interrupted' | 'failed'

/** One utterance on its way, to its end: the side that the speaker drives. */
export interface Delivery {
  readonly utterance: Utterance
  /** Its audio does not come by the speech session, which keeps texts in order: it has to wait for those before it. */
  readonly direct: boolean
  settled(): Settled | undefined
  /** The speech service has ended: no more audio comes. */
  spoken(): boolean
  /** More sentences may come, when they are written. */
  writing(): boolean
  /** Whether the speech service has ended all that it was given, or waits for words, and there is nothing to give. */
  idle(): boolean
  /** The sentences that were heard to their end. */
  heardText(): string
  /** The sentences that were to be said and were not heard to their end; none of what was interrupted. */
  unheard(): readonly string[]
  /** The sentences that the callee has begun to hear since this was last asked. */
  begun(): readonly string[]
  /** Gives the speech service its next sentence. Returns how long that is thought to sound; undefined: no more is wanted. */
  feed(): number | undefined
  /** More of the line is proven heard. */
  proven(): void
  /** No audio of this utterance passes from now on. */
  gate(): void
  interrupted(): void
  cut(error: BridgeError): void
  heardAudio(): Uint8Array
}
