import { createReadStream } from 'node:fs'
import { z } from 'zod'
import type { CallRecord } from '../call/records.ts'

/**
 * One record as one line of JSON. What a later version added is ignored, what an earlier one did not know gets its
 * empty value; names of states and reasons are taken as they come.
 */
const name = <T extends string>() => z.custom<T>((value) => typeof value === 'string' && /^[a-z-]{1,40}$/.test(value))
const time = z.iso.datetime()
const error = z.object({
  code: z.custom<NonNullable<NonNullable<CallRecord['outcome']>['error']>['code']>(isText),
  message: z.string(),
  retryable: z.boolean(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
})
const outcome = z.custom<NonNullable<CallRecord['outcome']>>().and(
  z.looseObject({
    callId: z.string(),
    callSid: z.string().nullable(),
    direction: z.enum(['outbound', 'inbound']),
    to: z.string(),
    from: z.string(),
    status: name(),
    reason: name(),
    heardMs: z.number(),
    sentMs: z.number(),
    heardText: z.string(),
    provider: z.string().nullable(),
    spokenBy: z.array(z.object({ provider: z.string(), sentMs: z.number(), error: error.nullable() })).default([]),
    answeredToFirstAudioMs: z.number().nullable(),
    answeredBy: z.string().nullable(),
    keys: z.string(),
    answer: name().nullable().default(null),
    transfer: z.object({ ended: name(), durationMs: z.number() }).nullable().default(null),
    startedAt: time,
    answeredAt: time.nullable(),
    endedAt: time,
    error: error.nullable(),
  }),
)
const record = z.object({
  callId: z.string().min(1).max(100),
  callSid: z.string().nullable(),
  direction: z.enum(['outbound', 'inbound']),
  to: z.string(),
  from: z.string(),
  flow: z.string(),
  state: z.enum(['dialling', 'ringing', 'answered', 'streaming', 'ended']),
  createdAt: time,
  updatedAt: time,
  idempotencyKey: z.string().nullable(),
  requestDigest: z.string().nullable().default(null),
  timeline: z
    .array(z.custom<CallRecord['timeline'][number]>((value) => typeof value === 'object' && value !== null))
    .default([]),
  outcome: outcome.nullable(),
})

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

/** With its end of line. */
export function recordLine(value: CallRecord): string {
  return `${JSON.stringify(value)}\n`
}

/** Undefined for anything that is no record. */
function parseRecordLine(line: string): CallRecord | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  const parsed = record.safeParse(value)
  return parsed.success ? parsed.data : undefined
}

/** A longer line is none of ours: the longest text of a call is a million characters. */
const maxLineChars = 8_000_000

/**
 * Every record of a journal, in order; a torn, garbled or endless line is told to `garbage`.
 * @throws the system's error when the file cannot be read
 */
export async function* readRecordLines(file: string, garbage: () => void): AsyncGenerator<CallRecord> {
  let rest = ''
  let skipping = false
  function* take(line: string): Generator<CallRecord> {
    if (line.trim() === '') return
    const found = parseRecordLine(line)
    if (found) yield found
    else garbage()
  }
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 18 })) {
    const lines = `${rest}${String(chunk)}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (!skipping) yield* take(line)
      skipping = false
    }
    if (rest.length > maxLineChars) {
      if (!skipping) garbage()
      skipping = true
      rest = ''
    }
  }
  if (!skipping) yield* take(rest)
}

/** Which of two records of one call is the later: an end is never taken back, not even by a clock that jumped. */
export function laterRecord(one: CallRecord, other: CallRecord): CallRecord {
  if ((one.state === 'ended') !== (other.state === 'ended')) return one.state === 'ended' ? one : other
  return other.updatedAt >= one.updatedAt ? other : one
}
