import type { Logger } from 'pino'
import type { Clock } from '../ops/clock.ts'
import type { SpeechProvider, VoiceChoice } from '../speech/provider.ts'
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
  readonly keepAudio: boolean
  readonly sentences: Sentences
  readonly clock: Clock
  readonly log: Logger
  readonly speech: SpeechProvider
  readonly voice?: VoiceChoice
  /** Ends the call at Twilio. */
  readonly hangUp: (callSid: string) => Promise<void>
  readonly observer?: CallObserver | undefined
}
