import type { BridgeError } from '../errors.ts'
import type { Log } from '../ops/logger.ts'

/**
 * The hearing contract: base64 mu-law (8,000 Hz, mono) in, words out.
 *
 * One session belongs to one call, and is opened only while a flow listens: a connection is paid for by the minute.
 * What is heard comes as events, in the order of the speech. Words of a caller stand in events only, never in an error
 * or a log.
 */
export interface Recognizer {
  /** Stands in outcomes and logs: `deepgram`, … */
  readonly name: string
  readonly capabilities: RecognizerCapabilities
  /**
   * Begins to connect at once and returns before it has; no event is told before it has returned. Never throws: what
   * goes wrong rejects `ready` and is told as `failed`.
   */
  open(options: RecognizerSessionOptions): RecognizerSession
}

export interface RecognizerCapabilities {
  /** Whether words are told as `interim` while they are being spoken; where not, the first that is told is `final`. */
  readonly interim: boolean
  /** Whether `started` may come of a voice alone, before any word; where not, it comes with the first word. */
  readonly voiceActivity: boolean
  /** Whether `phrases` make a difference. */
  readonly phrases: boolean
}

export interface RecognizerSessionOptions {
  /** Aborts everything: the session closes. */
  readonly signal: AbortSignal
  /** The log of the call; without one nothing is logged. */
  readonly log?: Log
  /** BCP 47, such as `en` or `en-US`; left out: as the recognizer is set up. */
  readonly language?: string
  /** What is likely to be said: names, the choices of a menu. Hints only; other words are heard all the same. */
  readonly phrases?: readonly string[]
  /** Told what is heard, as it is heard. Must not throw. */
  readonly heard: (event: Heard) => void
}

/**
 * An utterance of a caller is told as `started`, any number of `interim`, `final` and again `interim`, and in the end
 * `utterance`. Texts are never empty. A voice that brings no words (noise, a cough) is `started` and nothing more, so
 * `started` may come several times before an utterance; words are never told without one before them.
 */
export type Heard =
  /** A voice, or the first word of an utterance. */
  | { readonly type: 'started' }
  /** What seems to have been said since the last `final` of this utterance. May change, and become less. */
  | { readonly type: 'interim'; readonly text: string }
  /** A part of the utterance that will not change any more. */
  | { readonly type: 'final'; readonly text: string }
  /** The speaker has come to an end: the whole of it, once. */
  | { readonly type: 'utterance'; readonly text: string }
  /** The last event: nothing will be heard in this session any more. A session that is closed does not tell it. */
  | { readonly type: 'failed'; readonly error: BridgeError }

export interface RecognizerSession {
  /**
   * Resolves when the service listens. Rejects once, with the error that `failed` tells (`hearing.*`), or `call.ended`
   * when the session was closed before. Nobody has to watch it.
   */
  readonly ready: Promise<void>
  /**
   * Sound of the caller: the payload of one media frame as Twilio sent it, 20 ms. Accepted at any time and never
   * throws: what is heard before `ready`, or while a lost connection is made again, is kept up to some seconds and sent
   * then; what is no base64 is left out.
   */
  audio(payload: string): void
  /** Ends everything, releases the connection; no event follows. Idempotent; resolves within a second. */
  close(): Promise<void>
}
