import type { LiveCall } from '../../call/live-call.ts'
import type { CallRecord } from '../../call/records.ts'
import { timelineOf } from '../../call/timeline-entry.ts'

/** A call as a line of a list. */
export function summaryOf(record: CallRecord) {
  const { callId, callSid, direction, to, from, flow, state, createdAt, updatedAt } = record
  const outcome = record.outcome && { ...record.outcome, spokenBy: [...record.outcome.spokenBy] }
  return { callId, callSid, direction, to, from, flow, state, createdAt, updatedAt, outcome }
}

/** A call with its timeline; of a running call as it is now, of others as it was saved. */
export function detailOf(record: CallRecord, call: LiveCall | undefined) {
  return { ...summaryOf(record), timeline: [...(call ? timelineOf(call.events) : record.timeline)] }
}
