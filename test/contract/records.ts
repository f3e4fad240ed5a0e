import { afterEach, describe, expect, test } from 'vitest'
import type { CallRecords } from '../../src/call/records.ts'
import { aRecord, anEndedRecord } from './record-fixtures.ts'

export interface RecordsSubject {
  readonly records: CallRecords
  /** Takes the subject down. */
  close(): Promise<void>
}

/** The rules of src/call/records.ts, for any store. */
export function recordsConformance(name: string, setup: () => Promise<RecordsSubject>): void {
  describe(`records contract: ${name}`, () => {
    let subject: RecordsSubject | undefined
    const begin = async () => {
      subject = await setup()
      return subject.records
    }
    afterEach(async () => {
      await subject?.records.close()
      await subject?.close()
    })

    test('what is saved can be found at once, and is the same', async () => {
      const records = await begin()
      const saved = records.save(anEndedRecord('a'))
      expect(records.find('a')).toEqual(anEndedRecord('a'))
      await saved
      expect(records.find('a')).toEqual(anEndedRecord('a'))
      expect(records.find('b')).toBeUndefined()
    })

    test('a later save takes the place of an earlier one', async () => {
      const records = await begin()
      await records.save(aRecord('a'))
      await records.save(anEndedRecord('a', { minute: 1 }))
      expect(records.find('a')?.state).toBe('ended')
      expect(records.list({ limit: 10 })).toHaveLength(1)
    })

    test('the list is newest first, filtered, and goes on behind a record', async () => {
      const records = await begin()
      for (let index = 0; index < 5; index++) {
        const to = index % 2 ? '+15551230002' : '+15551230001'
        await records.save(aRecord(`c${index}`, { minute: index, to }))
      }
      await records.save(anEndedRecord('c2', { minute: 9 }))
      const ids = (filter: Parameters<CallRecords['list']>[0]) => records.list(filter).map(({ callId }) => callId)
      expect(ids({ limit: 10 })).toEqual(['c4', 'c3', 'c2', 'c1', 'c0'])
      expect(ids({ limit: 2 })).toEqual(['c4', 'c3'])
      expect(ids({ limit: 2, after: 'c3' })).toEqual(['c2', 'c1'])
      expect(ids({ limit: 10, after: 'c0' })).toEqual([])
      expect(ids({ limit: 10, after: 'nobody' })).toEqual([])
      expect(ids({ limit: 10, state: 'ended' })).toEqual(['c2'])
      expect(ids({ limit: 10, to: '+15551230002' })).toEqual(['c3', 'c1'])
      expect(ids({ limit: 10, to: '+15551230001', state: 'dialling', after: 'c4' })).toEqual(['c0'])
    })

    test('a call is found by the key of the request that made it', async () => {
      const records = await begin()
      await records.save(aRecord('a', { idempotencyKey: '__proto__', requestDigest: 'd1' }))
      await records.save(aRecord('b'))
      expect(records.byIdempotencyKey('__proto__')?.callId).toBe('a')
      expect(records.byIdempotencyKey('constructor')).toBeUndefined()
      await records.save(anEndedRecord('a', { idempotencyKey: '__proto__', requestDigest: 'd1' }))
      expect(records.byIdempotencyKey('__proto__')?.state).toBe('ended')
    })

    test('many saves at once are all kept', async () => {
      const records = await begin()
      await Promise.all(
        Array.from({ length: 500 }, (_, index) => records.save(aRecord(`c${index}`, { minute: index }))),
      )
      expect(records.list({ limit: 1000 })).toHaveLength(500)
    })

    test('its own calls are not those of a dead process; it is healthy, and may be closed twice', async () => {
      const records = await begin()
      await records.save(aRecord('a'))
      expect(records.unfinished()).toEqual([])
      expect(records.healthy).toBe(true)
      await records.close()
      await records.close()
    })
  })
}
