import type { BridgeError } from '../errors.ts'
import type { Log } from '../ops/logger.ts'

/**
 * The speech contract: text in, base64 mu-law (8,000 Hz, mono, no header) out.
 *
 * One session belongs to one call. One utterance is passed on at a time, later ones queue in the order of `speak`; a
 * session may have them made ahead. Every utterance ends exactly once, and nothing of it is passed on after its end,
 * however late audio arrives. A call makes one utterance of each sentence, so that its end in the audio is known.
 */
export interface SpeechProvider {
  /** Stands in outcomes and logs: `async`, `local`, … */
  readonly name: string
  readonly capabilities: SpeechCapabilities
  /** Begins to connect at once and returns before it has. Never throws: what goes wrong rejects `ready`. */
  open(options: SpeechSessionOptions): SpeechSession
  /**
   * What the audio of a text depends on beside the text: with the same one, the audio of one session will do for any
   * other. Left out: its audio is not worth keeping.
   */
  identity?(voice: VoiceChoice): string
  /** Ends what outlives its sessions. Idempotent; resolves within a few seconds. */
  close?(): Promise<void>
}

export interface SpeechCapabilities {
  /** Languages of the voice model (ISO 639-1), or `undefined` where they are not known. */
  readonly languages: readonly string[] | undefined
  /** Whether `<break>`, `<digits>` and `<phonemes>` are understood; where not, they are never read aloud. */
  readonly markup: boolean
  /** What the id of a voice looks like, where a session can be opened with one; left out: there is one voice only. */
  readonly voiceIds?: RegExp
  /** The speeds it can be asked for, 1 being its own; left out: one speed only. */
  readonly speeds?: { readonly min: number; readonly max: number }
  /** Whether a sentence may be pushed word by word while it is being written; left out: a push is a whole sentence. */
  readonly partialText?: boolean
  /** Whether utterances may end as `joined`. */
  readonly joins?: boolean
}

/** How to speak. What is left out is as the provider is set up. */
export interface VoiceChoice {
  readonly voice?: string
  readonly model?: string
  /** ISO 639-1. */
  readonly language?: string
  readonly speed?: number
}

export interface SpeechSessionOptions {
  /** Aborts everything: the session closes, utterances end as cancelled. */
  readonly signal: AbortSignal
  /** The log of the call; without one nothing is logged. */
  readonly log?: Log
  /** Told, of some frames that come on a websocket, how long it took until their audio was passed on. */
  readonly forwarded?: ((afterMs: number) => void) | undefined
  /** For the whole session. What a provider cannot choose, it leaves out. */
  readonly voice?: VoiceChoice
  /** What will surely be said first, as it will be pushed, one utterance each: may be made before it is spoken. */
  readonly prepare?: readonly string[]
  /** Milliseconds of sound that were passed on and are not yet played: how long a silence would not be heard. */
  readonly bufferedMs?: () => number
  /** Told what happens, as it happens. Must not throw. */
  readonly events?: (event: SpeechEvent) => void
}

export type SpeechEvent =
  | { readonly type: 'connected'; readonly provider: string }
  /** A connection that had been made is gone; without an error it was closed by us. */
  | { readonly type: 'disconnected'; readonly provider: string; readonly error: BridgeError | undefined }
  | { readonly type: 'connection-error'; readonly provider: string; readonly error: BridgeError }
  /** From the next audio on `to` speaks; without `to` nobody is left to. */
  | {
      readonly type: 'failover'
      readonly from: string
      readonly to: string | undefined
      readonly error: BridgeError
    }
  /** An utterance was found rendered (`hit`), is being rendered for somebody (`shared`), or has to be made (`miss`). */
  | { readonly type: 'cache'; readonly provider: string; readonly result: 'hit' | 'shared' | 'miss' }
  /** All that was to be prepared is there. */
  | { readonly type: 'prepared'; readonly provider: string; readonly audioMs: number }

export interface SpeechSession {
  /** Resolves when the provider would speak now. Rejects once, with what a user can act on. */
  readonly ready: Promise<void>
  /** Queues an utterance. Its audio and its end go to `sink`. */
  speak(sink: SpeechSink): SpeechInput
  /** Ends everything, releases the connection. Idempotent; resolves within a second. */
  close(): Promise<void>
}

export interface SpeechInput {
  /** Adds a sentence, or with `partialText` a part of one; a markup tag is never cut in two by the caller. */
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
  /**
   * `joined`: the audio of several utterances came as one, in the first of them. `unconfirmed`: that this is all of it
   * was concluded from silence; the service did not say so.
   */
  | { readonly kind: 'done'; readonly joined?: true; readonly unconfirmed?: true }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly error: BridgeError }
