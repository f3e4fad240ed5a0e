import type { CallRecord, CallRecords } from '../src/call/records.ts'
import { secrets } from './world.ts'

/** Call records that last as long as the test: what was saved last counts. */
export function recordsOf(left: readonly CallRecord[]): CallRecords & { readonly all: Map<string, CallRecord> } {
  const all = new Map(left.map((record) => [record.callId, record]))
  return {
    all,
    save: async (record) => void all.set(record.callId, record),
    find: (callId) => all.get(callId),
    byIdempotencyKey: (key) => [...all.values()].find((record) => record.idempotencyKey === key),
    list: ({ limit }) => [...all.values()].slice(0, limit),
    unfinished: () => left.filter((record) => all.get(record.callId)?.state !== 'ended'),
    healthy: true,
    close: async () => {},
  }
}

/** What a process that died had written of a call. */
export function leftRecord(callId: string, more: Partial<CallRecord> = {}): CallRecord {
  const now = new Date(Date.UTC(2026, 0, 5, 12)).toISOString()
  return {
    callId,
    callSid: null,
    direction: 'outbound',
    to: '+15551230001',
    from: secrets.from,
    flow: 'notify',
    state: 'dialling',
    createdAt: now,
    updatedAt: now,
    idempotencyKey: null,
    requestDigest: null,
    timeline: [],
    outcome: null,
    ...more,
  }
}
