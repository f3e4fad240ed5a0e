import type { BridgeError } from '../errors.ts'
import type { CallStatus } from '../twilio/statuses.ts'
import type { MediaConnection } from './connection.ts'
import type { Answerer } from './detection.ts'
import type { Timeline } from './events.ts'
import type { CalleeAnswer, EndReason, Outcome } from './outcome.ts'
import type { VoiceChoice } from '../speech/provider.ts'
import type { SayOptions, Writer } from './script.ts'
import type { Sounds } from './sounds.ts'
import type { Transfer, TransferOptions, Transferred } from './transfer.ts'
import type { Utterance } from './utterance.ts'
import type { WordsTold } from './words-told.ts'

/** One call, from before it is dialled to its outcome. */
export interface LiveCall extends Sounds, Timeline, WordsTold {
  readonly callId: string
  readonly token: string
  readonly direction: 'outbound' | 'inbound'
  readonly parameters: Readonly<Record<string, string>>
  readonly callSid: string | undefined
  /** Whether the media stream was opened. */
  readonly streamed: boolean
  /** Aborts when the call is over, with the cause as its reason. */
  readonly signal: AbortSignal
  /** Resolves when the media stream is open; rejects when the call ends before. */
  readonly streaming: Promise<void>
  readonly outcome: Promise<Outcome>
  /** What was sent and confirmed as heard, as mu-law (only when audio is kept). */
  heardAudio(): Uint8Array

  say(text: string | Writer, options?: SayOptions): Utterance
  /** What is said from now on is said with this voice; see `Call.voice`. */
  voice(choice?: VoiceChoice): Promise<void>
  /** See `Call.transfer`. */
  transfer(to: string, options?: TransferOptions): Promise<Transferred>
  /** The transfer under way, for what Twilio asks of it. */
  readonly transferring: Transfer | undefined
  /** See `Call.answerer`. */
  answerer(): Promise<Answerer | null>
  /** See `Call.answer`. */
  answer(answer: CalleeAnswer): void
  /** Waits until all that was said is heard, and a transfer is over, then ends the call. */
  finish(): Promise<void>
  /** Ends the call now. The first cause wins; later ones change nothing. */
  end(reason: EndReason, error?: BridgeError): void
  /**
   * The flow failed: ends the call as `flow-failed`, after a sentence that says so, by Twilio where we have no voice.
   * What was being said is cut off; the sentence counts neither as heard nor as sent.
   */
  apologise(error: BridgeError): void
  /**
   * No speech provider can go on: the media stream is closed and Twilio says with its own voice what was not heard, or,
   * where nothing is known to be left, that something went wrong. Returns false when there is no stream to close.
   */
  handOver(error: BridgeError): boolean
  /**
   * What Twilio is to say, when it asks for the n-th time (from 0) after the stream was handed over; undefined when
   * there is nothing, or nothing more: then the call ends.
   */
  partForTwilio(index: number): readonly string[] | undefined
  /** The media stream is gone. After `handOver` that is what was wanted. */
  streamGone(reason: 'callee-hung-up' | 'stream-lost', error?: BridgeError): void
  /**
   * Ends the call as `server-stopped`, after a last sentence where somebody listens. The flow is over at once, what it
   * was saying is cut off; the sentence counts neither as heard nor as sent.
   *
   * @param withinMs however the speech service does, the call ends by then
   */
  lastWords(text: string, withinMs: number): void

  /** Twilio's id became known, by the answer to our request or by a callback. */
  placed(callSid: string): void
  /** Twilio did not take the call: no phone rings. */
  notPlaced(error: BridgeError): void
  /** A status callback or a poll. Late, repeated and reordered ones are harmless. */
  status(status: CallStatus): void
  answeredBy(verdict: string): void
  /** The media stream of this call is open. Returns false when there is one already or the call is over. */
  attach(connection: MediaConnection, streamSid?: string): boolean
  echoed(markName: string): void
  key(digit: string): void
}
