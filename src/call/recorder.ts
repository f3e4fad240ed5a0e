import type { Logger } from 'pino'
import { asBridgeError } from '../errors.ts'
import type { Clock } from '../ops/clock.ts'
import type { CallEvent } from './events.ts'
import type { LiveCall } from './live-call.ts'
import type { Outcome } from './outcome.ts'
import type { CallRecord, CallRecords, CallState } from './records.ts'
import { timelineOf } from './timeline-entry.ts'

/** What a record holds beside what the call itself knows. */
export type RecordFacts = Pick<CallRecord, 'to' | 'from' | 'flow' | 'idempotencyKey' | 'requestDigest'>

/**
 * Keeps the record of a call up to date, from its creation to its outcome.
 *
 * @returns resolves when the first save is safe, or has failed: a call does not wait for a disk that is full
 */
export function recordCall(
  call: LiveCall,
  facts: RecordFacts,
  deps: { readonly records: CallRecords; readonly clock: Clock; readonly log: Logger },
): Promise<void> {
  const { records, clock, log } = deps
  const createdAt = isoNow()
  let state: CallState = 'dialling'

  function isoNow(): string {
    return new Date(clock.now()).toISOString()
  }

  async function save(outcome: Outcome | null): Promise<void> {
    const { callId, direction } = call
    const callSid = call.callSid ?? null
    const base = { callId, callSid, direction, ...facts, state, createdAt, updatedAt: isoNow() }
    try {
      await records.save({ ...base, timeline: timelineOf(call.events), outcome })
    } catch (thrown) {
      // The store itself says loudly, and once, that the disk is full.
      log.debug({ callId, errorCode: asBridgeError(thrown).code }, 'a call record was not written')
    }
  }

  const unwatch = call.watch((event) => {
    const next = stateAfter(state, event)
    if (next === state && event.type !== 'queued' && event.type !== 'transferring') return
    state = next
    void save(null)
  })
  void call.outcome.then((outcome) => {
    unwatch()
    state = 'ended'
    return save(outcome)
  })
  return save(null)
}

const order: readonly CallState[] = ['dialling', 'ringing', 'answered', 'streaming']

/** States only go forward; a late `ringing` changes nothing. */
function stateAfter(state: CallState, event: CallEvent): CallState {
  const told = order.find((one) => one === event.type)
  return told !== undefined && order.indexOf(told) > order.indexOf(state) ? told : state
}
