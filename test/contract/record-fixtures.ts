import type { Outcome } from '../../src/call/outcome.ts'
import type { CallRecord } from '../../src/call/records.ts'

/** A record as the recorder writes it first; `minute` orders the calls. */
export function aRecord(callId: string, more: Partial<CallRecord> & { minute?: number } = {}): CallRecord {
  const { minute = 0, ...fields } = more
  const at = new Date(Date.UTC(2026, 0, 5, 12, minute)).toISOString()
  return {
    callId,
    callSid: null,
    direction: 'outbound',
    to: '+15551230001',
    from: '+15005550006',
    flow: 'notify',
    state: 'dialling',
    createdAt: at,
    updatedAt: at,
    idempotencyKey: null,
    requestDigest: null,
    timeline: [{ sequence: 1, at, type: 'dialling' }],
    outcome: null,
    ...fields,
  }
}

/** The record of a call that is over. */
export function anEndedRecord(callId: string, more: Partial<CallRecord> & { minute?: number } = {}): CallRecord {
  const record = aRecord(callId, { callSid: `CA${'0'.repeat(32)}`, ...more, state: 'ended' })
  const { callSid, direction, to, from, createdAt, updatedAt } = record
  const outcome: Outcome = {
    callId,
    callSid,
    direction,
    to,
    from,
    status: 'heard',
    reason: 'completed',
    heardMs: 720,
    sentMs: 720,
    heardText: 'Grüße, “Ünïcode” 📞.',
    provider: 'async',
    spokenBy: [{ provider: 'async', sentMs: 720, error: null }],
    answeredToFirstAudioMs: 160,
    answeredBy: null,
    answer: null,
    transfer: null,
    keys: '1#',
    startedAt: createdAt,
    answeredAt: createdAt,
    endedAt: updatedAt,
    error: null,
  }
  return { ...record, outcome }
}
