import type { BridgeError, ErrorCode } from '../errors.ts'
import type { CallStatus } from '../twilio/statuses.ts'

/** Why a call ended. The first cause is kept; what comes after it changes nothing. */
export type EndReason =
  | 'completed' // the flow returned and its last word was heard, or it hung up
  | 'callee-hung-up'
  | 'cancelled' // by us: Ctrl-C, a hang-up request
  | 'busy'
  | 'no-answer'
  | 'unreachable' // the phone network could not connect the call
  | 'refused' // Twilio did not accept the call
  | 'stream-never-opened'
  | 'stream-lost'
  | 'speech-failed'
  | 'said-by-twilio' // no speech provider was left, and Twilio said the rest with its own voice
  | 'flow-failed'
  | 'playback-unconfirmed'
  | 'time-limit'
  | 'idle' // nothing was heard, said or pressed for too long, or too many prompts had no answer
  | 'server-stopped' // the server was told to stop, and the call was not over in time
  | 'process-died' // the process that conducted the call was gone; a later one ended it or found it over

/** What became of the message. */
export type OutcomeStatus =
  | 'heard'
  | 'partly-heard'
  | 'unheard'
  | 'voicemail'
  | 'busy'
  | 'no-answer'
  | 'canceled'
  | 'failed'

export interface Outcome {
  readonly callId: string
  /** Twilio's id; null when Twilio never accepted the call. */
  readonly callSid: string | null
  readonly direction: 'outbound' | 'inbound'
  readonly to: string
  readonly from: string
  readonly status: OutcomeStatus
  readonly reason: EndReason
  /** Milliseconds of sound that the phone confirmed as played. */
  readonly heardMs: number
  /** Milliseconds of sound handed to Twilio. */
  readonly sentMs: number
  /** The sentences that were heard to their end. */
  readonly heardText: string
  /** The speech provider that spoke, the last one of several; null when nothing was spoken. */
  readonly provider: string | null
  /** Every provider that spoke or should have, in order, and why each was left for the next. */
  readonly spokenBy: readonly SpokenBy[]
  readonly answeredToFirstAudioMs: number | null
  /** What detection said answered, in Twilio's words (`human`, `machine_start`, …); null where it was not asked. */
  readonly answeredBy: string | null
  /** Keys the callee pressed, in order. Private data: never in a log. */
  readonly keys: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly answeredAt: string | null
  readonly endedAt: string
  readonly error: OutcomeError | null
}

/** One voice of a call, and why it was left for another. */
export interface SpokenBy {
  /** A speech provider, or `twilio` for Twilio's own voice. */
  readonly provider: string
  /** Milliseconds of its sound that were handed to Twilio; 0 for Twilio's own voice, which passes us by. */
  readonly sentMs: number
  readonly error: OutcomeError | null
}

/** The part of an outcome that tells what happened in the call, where nothing did or nothing is known of it. */
export const nothingKnown = {
  heardMs: 0,
  sentMs: 0,
  heardText: '',
  provider: null,
  spokenBy: [],
  answeredToFirstAudioMs: null,
  answeredBy: null,
  keys: '',
} as const satisfies Partial<Outcome>

export interface OutcomeError {
  readonly code: ErrorCode
  readonly message: string
  readonly retryable: boolean
  readonly details: BridgeError['details']
}

/** The error as it stands in an outcome: words and facts, no stack and no cause. */
export function outcomeError(error: BridgeError | undefined): OutcomeError | null {
  if (!error) return null
  return { code: error.code, message: error.message, retryable: error.retryable, details: error.details }
}

/** What the last known status of a call that never streamed says about it, if it says that the call is over. */
export function reasonOfStatus(status: CallStatus): EndReason | undefined {
  switch (status) {
    case 'busy':
      return 'busy'
    case 'no-answer':
      return 'no-answer'
    case 'canceled':
      return 'cancelled'
    case 'failed':
      return 'unreachable'
    case 'completed':
      return 'stream-never-opened'
    default:
      return undefined
  }
}

/**
 * The one word for a call.
 *
 * @param facts `streamed`: the media stream was open; `whole`: something was to be said and all of it was heard
 */
export function outcomeStatus(facts: {
  readonly reason: EndReason
  readonly streamed: boolean
  readonly whole: boolean
  readonly heardMs: number
  readonly answeredBy: string | null
}): OutcomeStatus {
  if (facts.streamed) {
    if (facts.answeredBy?.startsWith('machine')) return 'voicemail'
    if (facts.whole) return 'heard'
    return facts.heardMs > 0 ? 'partly-heard' : 'unheard'
  }
  switch (facts.reason) {
    case 'busy':
      return 'busy'
    case 'no-answer':
      return 'no-answer'
    case 'cancelled':
    case 'server-stopped':
      return 'canceled'
    default:
      return 'failed'
  }
}
