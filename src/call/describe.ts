import type { BridgeError } from '../errors.ts'
import type { SpeechAccount } from './speaker.ts'
import { type EndReason, type Outcome, outcomeError, outcomeStatus, nothingKnown, type SpokenBy } from './outcome.ts'

/** What is known of a call at its end. */
export interface CallFacts {
  readonly callId: string
  readonly callSid: string | undefined
  readonly direction: 'outbound' | 'inbound'
  readonly to: string
  readonly from: string
  readonly answeredBy: string | null
  readonly keys: string
  readonly answer: Outcome['answer']
  readonly transfer: Outcome['transfer'] | undefined
  readonly startedMs: number
  readonly answeredMs: number | undefined
  readonly firstAudioMs: number | undefined
  readonly ended: { readonly reason: EndReason; readonly error: BridgeError | undefined; readonly atMs: number }
  readonly streamed: boolean
  readonly spokenBy: readonly SpokenBy[]
  readonly speaker: SpeechAccount | undefined
}

/** The outcome: times in ISO 8601, `null` for what never was. */
export function describeCall(facts: CallFacts): Outcome {
  const { callId, direction, to, from, answeredBy, keys, answeredMs, firstAudioMs, ended, streamed } = facts
  const { reason } = ended
  const { heardMs, sentMs, whole, heardText } = facts.speaker ?? { heardMs: 0, sentMs: 0, whole: false, heardText: '' }
  // What was played from a file is no provider's.
  const speechMade = facts.spokenBy.some((voice) => voice.sentMs > 0)
  return {
    callId,
    callSid: facts.callSid ?? null,
    direction,
    to,
    from,
    status: outcomeStatus({ reason, streamed, whole, heardMs, answeredBy }),
    reason,
    heardMs,
    sentMs,
    heardText,
    provider: facts.spokenBy.findLast((voice) => voice.sentMs > 0)?.provider ?? null,
    spokenBy: (sentMs > 0 && speechMade) || facts.spokenBy.length > 1 ? facts.spokenBy : [],
    answeredToFirstAudioMs:
      answeredMs === undefined || firstAudioMs === undefined ? null : Math.round(firstAudioMs - answeredMs),
    answeredBy,
    keys,
    answer: facts.answer,
    transfer: facts.transfer ?? null,
    startedAt: isoTime(facts.startedMs),
    answeredAt: answeredMs === undefined ? null : isoTime(answeredMs),
    endedAt: isoTime(ended.atMs),
    error: outcomeError(ended.error),
  }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}

/** The outcome of a call that was never begun, because `error` forbade it. */
export function noCall(error: BridgeError, now: Date): Omit<Outcome, 'callId'> & { readonly callId: null } {
  return {
    callId: null,
    callSid: null,
    direction: 'outbound',
    to: '',
    from: '',
    status: 'failed',
    reason: 'refused',
    ...nothingKnown,
    startedAt: now.toISOString(),
    answeredAt: null,
    endedAt: now.toISOString(),
    error: outcomeError(error),
  }
}
