import type { BridgeError } from '../errors.ts'
import type { Log } from '../ops/logger.ts'

/**
 * The speech contract: text in, base64 mu-law (8,000 Hz, mono, no header) out.
 *
 * One session belongs to one call. One utterance is spoken at a time, later ones queue in the order of `speak`. Every
 * utterance ends exactly once, and nothing of it is passed on after its end, however late audio arrives.
 */
export interface SpeechProvider {
  /** Stands in outcomes and logs: `async`, `local`, … */
  readonly name: string
  readonly capabilities: SpeechCapabilities
  /** Begins to connect at once and returns before it has. Never throws: what goes wrong rejects `ready`. */
  open(options: SpeechSessionOptions): SpeechSession
}

export interface SpeechCapabilities {
  /** Languages of the voice model (ISO 639-1), or `undefined` where they are not known. */
  readonly languages: readonly string[] | undefined
  /** Whether `<break>`, `<digits>` and `<phonemes>` are understood; where not, they are never read aloud. */
  readonly markup: boolean
  /** What the id of a voice looks like, where a session can be opened with one; left out: there is one voice only. */
  readonly voiceIds?: RegExp
}

export interface SpeechSessionOptions {
  /** Aborts everything: the session closes, utterances end as cancelled. */
  readonly signal: AbortSignal
  /** The log of the call; without one nothing is logged. */
  readonly log?: Log
  /** Called for each frame of the service as it comes in, before it is read: what is done with its audio is timed. */
  readonly received?: (() => void) | undefined
  /** The voice of this session; left out: the provider's usual one. Only where `voiceIds` says so. */
  readonly voice?: string
}

export interface SpeechSession {
  /** Resolves when the provider would speak now. Rejects once, with what a user can act on. */
  readonly ready: Promise<void>
  /** Queues an utterance. Its audio and its end go to `sink`. */
  speak(sink: SpeechSink): SpeechInput
  /** Ends everything, releases the connection. Idempotent; resolves within a second. */
  close(): Promise<void>
}

export interface SpeechInput {
  /** Adds whole sentences; a markup tag is never cut in two by the caller. */
  push(text: string): void
  /** No more text. Idempotent. */
  end(): void
  /** Ends the utterance now. Idempotent; no audio passes after it returns. */
  cancel(): void
}

export interface SpeechSink {
  /** `payload` is base64 as the provider sent it, `audioBytes` what it decodes to (8 bytes a millisecond). */
  audio(payload: string, audioBytes: number): void
  /** Exactly once, after the last audio. */
  ended(end: SpeechEnd): void
}

export type SpeechEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly error: BridgeError }
