import type { Logger } from 'pino'
import type { Clock } from '../ops/clock.ts'
import type { SpeechEvent, SpeechProvider, VoiceChoice } from '../speech/provider.ts'
import type { CallObserver } from './observer.ts'
import type { Sentences } from './script.ts'

export interface CallSessionOptions {
  readonly callId: string
  readonly token: string
  readonly direction: 'outbound' | 'inbound'
  readonly to: string
  readonly from: string
  readonly parameters: Readonly<Record<string, string>>
  /** Detection was asked for: a call that is all heard is held until it tells who heard it, for a bounded time. */
  readonly awaitVerdict: boolean
  /** Detection tells of a machine at the end of its greeting, when it begins to record. */
  readonly awaitBeep?: boolean | undefined
  readonly keepAudio: boolean
  readonly sentences: Sentences
  readonly clock: Clock
  readonly log: Logger
  readonly speech: SpeechProvider
  readonly voice?: VoiceChoice | undefined
  /** What Twilio says when no speech provider can go on and nothing is known to be left. */
  readonly apology: string
  /** What will surely be said first, in that order. */
  readonly texts?: readonly string[] | undefined
  readonly onSpeech?: ((event: SpeechEvent, callId: string) => void) | undefined
  /** Checks a number that the call is to be transferred to. @throws BridgeError `number.invalid`, `destination.…` */
  readonly destination: (to: string) => string
  /** Ends the call at Twilio. */
  readonly hangUp: (callSid: string) => Promise<void>
  readonly observer?: CallObserver | undefined
}
