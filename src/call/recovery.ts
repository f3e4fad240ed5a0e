import type { Logger } from 'pino'
import { asBridgeError, BridgeError } from '../errors.ts'
import type { Clock } from '../ops/clock.ts'
import { type CallStatus, isTerminal } from '../twilio/statuses.ts'
import { type Outcome, outcomeError, outcomeStatus, reasonOfStatus, nothingKnown } from './outcome.ts'
import type { CallRecord, CallRecords } from './records.ts'
import type { Telephony } from './telephony.ts'

/** How many calls are asked after at a time. */
const atOnce = 8
/** Twilio could not be reached: how long until it is asked again, and how often. After that the next start tries. */
const againAfterMs = 30_000
const maxRounds = 10

export interface Recovery {
  /** Calls that were still open at Twilio, and were ended. */
  readonly ended: number
  /** Calls that were over: their outcome is Twilio's. */
  readonly adopted: number
  /** Calls that Twilio does not know. */
  readonly unknown: number
  /** Calls that could not be settled; the next start tries again. */
  readonly unsettled: number
}

type Settled = Exclude<keyof Recovery, 'unsettled'>

/**
 * Settles the calls that a process left when it died: those still open at Twilio are ended, those that are over get
 * Twilio's word for their outcome. Never rejects.
 *
 * @param deps `isLive`: whether an id is that of a call of this process; `signal` stops the attempts
 */
export async function recoverCalls(deps: {
  readonly clock: Clock
  readonly log: Logger
  readonly records: Pick<CallRecords, 'unfinished' | 'save'>
  readonly telephony: Pick<Telephony, 'status' | 'end' | 'find'>
  readonly isLive: (callSid: string) => boolean
  readonly signal: AbortSignal
}): Promise<Recovery> {
  const { clock, log, records, telephony, signal } = deps
  const counts = { ended: 0, adopted: 0, unknown: 0 }
  let open = [...records.unfinished()]
  const known = new Set(open.map((record) => record.callSid))
  const startedMs = clock.now()
  let finding: Promise<unknown> = Promise.resolve()

  /** The ids of a call whose own was never learnt. There may be two, where a request was repeated. */
  async function idsOf(record: CallRecord): Promise<readonly string[]> {
    if (record.callSid !== null) return [record.callSid]
    if (record.direction === 'inbound') return []
    const isKnown = (callSid: string) => known.has(callSid) || deps.isLive(callSid)
    const span = { sinceMs: Date.parse(record.createdAt), untilMs: startedMs }
    // One after the other, so that no call is taken for that of two records.
    const search = finding.then(() => telephony.find({ to: record.to, from: record.from, ...span, isKnown }))
    finding = search.then(
      (found) => found.forEach((callSid) => known.add(callSid)),
      () => {},
    )
    return await search
  }

  async function settle(record: CallRecord): Promise<Settled> {
    const callSids = await idsOf(record)
    const left = wasTransferred(record)
    const statuses: CallStatus[] = []
    for (const callSid of callSids) {
      const reported = await statusOf(telephony, callSid)
      if (reported === undefined) continue
      statuses.push(reported)
      // What Twilio says of a call lags behind, but a call that is over stays over.
      if (!isTerminal(reported) && !left) await telephony.end(callSid)
    }
    const [status] = statuses
    const ended = !left && statuses.some((reported) => !isTerminal(reported))
    const settled = ended ? 'ended' : status === undefined ? 'unknown' : 'adopted'
    const outcome = recoveredOutcome({ ...record, callSid: callSids[0] ?? null }, status, new Date(clock.now()))
    const { callSid, endedAt: updatedAt } = outcome
    await records.save({ ...record, callSid, state: 'ended', updatedAt, outcome })
    log.warn({ callId: record.callId, callSid, status, settled }, 'a call that an earlier process left is settled')
    return settled
  }

  for (let round = 1; open.length > 0 && !signal.aborted; round++) {
    const left: CallRecord[] = []
    for (let next = 0; next < open.length && !signal.aborted; next += atOnce) {
      const batch = open.slice(next, next + atOnce).map(async (record) => {
        try {
          counts[await settle(record)]++
        } catch (thrown) {
          const { code } = asBridgeError(thrown)
          log.error(
            { callId: record.callId, errorCode: code },
            'a call that an earlier process left is not settled yet',
          )
          left.push(record)
        }
      })
      await Promise.all(batch)
    }
    open = left
    if (open.length === 0 || round === maxRounds) break
    await waitFor(clock, againAfterMs, signal)
  }
  const recovery = { ...counts, unsettled: open.length }
  if (Object.values(recovery).some((count) => count > 0)) log.warn(recovery, 'calls of an earlier process were settled')
  return recovery
}

/**
 * The outcome of a call whose process died, from what Twilio says of it. What was heard is not known, and so not
 * claimed: nothing of it counts as heard, and `failed` with `call.abandoned` tells it from a call that was unheard.
 *
 * @param status undefined where Twilio knows no such call
 */
function recoveredOutcome(record: CallRecord, status: CallStatus | undefined, at: Date): Outcome {
  const never = status !== undefined && status !== 'completed' ? reasonOfStatus(status) : undefined
  const reason = never ?? 'process-died'
  const { callId, callSid, direction, to, from } = record
  return {
    callId,
    callSid,
    direction,
    to,
    from,
    status: outcomeStatus({ reason, streamed: false, whole: false, heardMs: 0, answeredBy: null }),
    reason,
    ...nothingKnown,
    startedAt: record.createdAt,
    answeredAt: null,
    endedAt: at.toISOString(),
    error: outcomeError(never ? undefined : abandoned(status, wasTransferred(record))),
  }
}

async function statusOf(telephony: Pick<Telephony, 'status'>, callSid: string): Promise<CallStatus | undefined> {
  try {
    return await telephony.status(callSid)
  } catch (thrown) {
    if (asBridgeError(thrown).code === 'call.not-found') return undefined
    throw thrown
  }
}

/** Who talks with somebody else needs us no longer. */
function wasTransferred({ timeline }: CallRecord): boolean {
  return timeline.some(({ type }) => type === 'transferring')
}

function abandoned(status: CallStatus | undefined, transferred: boolean): BridgeError {
  const found =
    status === undefined
      ? 'Twilio knows no such call, so it was probably never dialled.'
      : isTerminal(status)
        ? 'The call was over when it was looked for.'
        : transferred
          ? 'The call had been given to another number, and was left as it is.'
          : 'The call was still open, and was ended.'
  return new BridgeError('call.abandoned', `The server died during the call; what was heard is not known. ${found}`, {
    details: { status: status ?? null },
  })
}

function waitFor(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = clock.after(delayMs, done)
    signal.addEventListener('abort', done)
  })
}
