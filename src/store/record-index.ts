import type { CallFilter, CallRecord } from '../call/records.ts'

/** Call records in memory, in the order the calls were created; the place where all questions are answered. */
export interface RecordIndex {
  put(record: CallRecord): void
  find(callId: string): CallRecord | undefined
  byIdempotencyKey(key: string): CallRecord | undefined
  /** Newest first. */
  list(filter: CallFilter): readonly CallRecord[]
  /** Oldest first. */
  all(): Iterable<CallRecord>
  remove(callId: string): void
  readonly size: number
}

/** @param options `limit`: how many records are kept; past it the oldest ended ones are forgotten, never running ones */
export function createRecordIndex(options: {
  readonly limit: number
  readonly forgot?: (callId: string) => void
}): RecordIndex {
  const records = new Map<string, CallRecord>()
  const byKey = new Map<string, string>()

  function remove(callId: string): void {
    const key = records.get(callId)?.idempotencyKey
    if (key && byKey.get(key) === callId) byKey.delete(key)
    records.delete(callId)
  }

  function forgetOldest(): void {
    for (const [callId, record] of records) {
      if (records.size <= options.limit) return
      if (record.state !== 'ended') continue
      remove(callId)
      options.forgot?.(callId)
    }
  }

  return {
    put(record) {
      records.set(record.callId, record)
      if (record.idempotencyKey !== null) byKey.set(record.idempotencyKey, record.callId)
      if (records.size > options.limit) forgetOldest()
    },
    find: (callId) => records.get(callId),
    byIdempotencyKey(key) {
      const callId = byKey.get(key)
      return callId === undefined ? undefined : records.get(callId)
    },
    list({ state, to, after, limit }) {
      if (after !== undefined && !records.has(after)) return []
      const found: CallRecord[] = []
      let passed = after === undefined
      for (const record of [...records.values()].toReversed()) {
        if (found.length >= limit) break
        if (!passed) passed = record.callId === after
        else if ((state === undefined || record.state === state) && (to === undefined || record.to === to))
          found.push(record)
      }
      return found
    },
    all: () => records.values(),
    remove,
    get size() {
      return records.size
    },
  }
}
