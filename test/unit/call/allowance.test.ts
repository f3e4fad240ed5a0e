import { expect, test } from 'vitest'
import { createAllowance } from '../../../src/call/allowance.ts'

const idle = { underWay: 0 }
const limits = { maxCalls: 2, perMinute: 3, perNumberPerHour: 2 }

test('so many calls at once, and not one more', () => {
  const allowance = createAllowance(limits)
  expect(allowance.refusal('a', { nowMs: 0, underWay: 1 })).toBeUndefined()
  const refusal = allowance.refusal('a', { nowMs: 0, underWay: 2 })
  expect(refusal).toMatchObject({ code: 'limit.calls-at-once', retryable: true })
  expect(refusal?.message).toContain('MAX_CALLS')
  expect(refusal?.details['retryAfterMs']).toBeGreaterThan(0)
})

test('so many in any minute, whoever is called; it says when the next one may be', () => {
  const allowance = createAllowance(limits)
  for (const [index, to] of ['a', 'b', 'c'].entries()) {
    expect(allowance.refusal(to, { nowMs: index * 1000, ...idle })).toBeUndefined()
    allowance.placed(to, index * 1000)
  }
  const refusal = allowance.refusal('d', { nowMs: 10_000, ...idle })
  expect(refusal).toMatchObject({ code: 'limit.calls-per-minute', details: { retryAfterMs: 50_000 } })
  expect(allowance.refusal('d', { nowMs: 59_999, ...idle })?.details['retryAfterMs']).toBe(1)
  expect(allowance.refusal('d', { nowMs: 60_000, ...idle })).toBeUndefined()
})

test('so many to one number in any hour, and others are not in its way', () => {
  const allowance = createAllowance(limits)
  allowance.placed('a', 0)
  allowance.placed('a', 120_000)
  const refusal = allowance.refusal('a', { nowMs: 180_000, ...idle })
  expect(refusal).toMatchObject({ code: 'limit.calls-per-number', details: { retryAfterMs: 3_420_000 } })
  expect(allowance.refusal('b', { nowMs: 180_000, ...idle })).toBeUndefined()
  expect(allowance.refusal('a', { nowMs: 3_600_000, ...idle })).toBeUndefined()
})

test('asking costs nothing', () => {
  const allowance = createAllowance(limits)
  for (let index = 0; index < 100; index++) expect(allowance.refusal('a', { nowMs: 0, ...idle })).toBeUndefined()
})

test('a clock that was set back makes nobody wait longer than the limit’s own time', () => {
  const allowance = createAllowance(limits)
  allowance.placed('a', 1_000_000_000)
  allowance.placed('a', 1_000_000_000)
  expect(allowance.refusal('a', { nowMs: 0, ...idle })?.details['retryAfterMs']).toBe(3_600_000)
})
