import type { CallRecords } from '../call/records.ts'
import { createRecordIndex } from './record-index.ts'

/** Call records that live as long as the process: for tests and for calls that nobody asks after. */
export function createMemoryRecords(limit = 10_000): CallRecords {
  const index = createRecordIndex({ limit })
  return {
    save(record) {
      index.put(record)
      return Promise.resolve()
    },
    find: (callId) => index.find(callId),
    byIdempotencyKey: (key) => index.byIdempotencyKey(key),
    list: (filter) => index.list(filter),
    unfinished: () => [],
    healthy: true,
    close: () => Promise.resolve(),
  }
}
