import type { Clock } from '../ops/clock.ts'
import type { CallRecord } from './rest-client.ts'
import { pause } from './retry.ts'

/** Waits between looks at the call list; reads of the API lag behind its writes. About 6 s in all. */
export const reconcileWaitsMs: readonly number[] = [250, 500, 1000, 1750, 2500]

/** Twilio writes whole seconds, both into a call and into the `Date` of an answer. */
const toleranceMs = 2000

export interface LostCreate {
  to: string
  from: string
  /** On our clock, when the request was about to be sent. */
  sentAtMs: number
  /** How long after that the call may have come about; any time, unless given. */
  withinMs?: number
  /** Calls that have been accounted for, and so cannot be the lost one. */
  isKnown(callSid: string): boolean
  /** The sid that a status callback of this very call has told meanwhile. */
  earlyCallSid(): string | undefined
}

export type Reconciled =
  | { kind: 'told'; callSid: string }
  /** `others` came about in the same moment, between the same two numbers, and nobody knows them. */
  | { kind: 'found'; call: CallRecord; others: readonly CallRecord[] }
  | { kind: 'not-found'; looks: number; failedLooks: number }

/**
 * Looks for the call of a create request whose answer was lost. `POST /Calls` has no idempotency key, so a request
 * that got no answer may have dialled, and repeating it may ring the same phone twice. Never throws.
 */
export async function findLostCall(
  lost: LostCreate,
  deps: {
    clock: Clock
    newest(to: string, from: string): Promise<{ calls: readonly CallRecord[]; nowMs: number | undefined }>
  },
): Promise<Reconciled> {
  let failedLooks = 0
  for (const waitMs of reconcileWaitsMs) {
    await pause(deps.clock, waitMs)
    const callSid = lost.earlyCallSid()
    if (callSid !== undefined) return { kind: 'told', callSid }
    try {
      const { calls, nowMs } = await deps.newest(lost.to, lost.from)
      const ownNowMs = deps.clock.now()
      // Twilio's own time where it is known: a laptop's clock may be minutes off.
      const earliestMs = (nowMs ?? ownNowMs) - (ownNowMs - lost.sentAtMs) - toleranceMs
      const [call, ...others] = calls.filter((each) => isCandidate(each, lost, earliestMs)).toSorted(newestFirst)
      if (call !== undefined) return { kind: 'found', call, others }
    } catch {
      failedLooks++
    }
  }
  const callSid = lost.earlyCallSid()
  if (callSid !== undefined) return { kind: 'told', callSid }
  return { kind: 'not-found', looks: reconcileWaitsMs.length, failedLooks }
}

function isCandidate(call: CallRecord, lost: LostCreate, earliestMs: number): boolean {
  if (lost.isKnown(call.callSid) || !isSameParty(call.to, lost.to) || !isSameParty(call.from, lost.from)) return false
  if (call.createdAtMs === undefined) return call.status === 'queued'
  const latestMs = earliestMs + 2 * toleranceMs + (lost.withinMs ?? Number.POSITIVE_INFINITY)
  return call.createdAtMs >= earliestMs && call.createdAtMs <= latestMs
}

/** Twilio may write a number in another form than it was given. */
function isSameParty(listed: string, asked: string): boolean {
  return listed === asked || (/^\+?[\d\s().-]+$/.test(asked) && digits(listed) === digits(asked))
}

function digits(number: string): string {
  return number.replace(/\D/g, '')
}

function newestFirst(a: CallRecord, b: CallRecord): number {
  return (b.createdAtMs ?? Number.MAX_SAFE_INTEGER) - (a.createdAtMs ?? Number.MAX_SAFE_INTEGER)
}
