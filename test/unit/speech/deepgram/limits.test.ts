import { expect, test } from 'vitest'
import { createAllowance, flushesAMinute, speakBytes, textAMinute } from '../../../../src/speech/deepgram/limits.ts'

test('in any window of time no more is taken than is allowed', () => {
  const allowance = createAllowance({ amount: 10, perMs: 1000 })
  const taken: { at: number; amount: number }[] = []
  for (let now = 0; now < 20_000; now += 37) {
    const amount = 1 + (now % 4)
    if (allowance.waitMs(now, amount) > 0) continue
    expect(allowance.left(now)).toBeGreaterThanOrEqual(amount)
    allowance.take(now, amount)
    taken.push({ at: now, amount })
  }
  expect(taken.length).toBeGreaterThan(50)
  for (const { at } of taken) {
    const inWindow = taken.filter((one) => one.at >= at && one.at < at + 1000)
    expect(inWindow.reduce((sum, one) => sum + one.amount, 0)).toBeLessThanOrEqual(10)
  }
})

test('the wait is as long as it takes until the amount is free, and no longer', () => {
  const allowance = createAllowance({ amount: 10, perMs: 1000 })
  allowance.take(0, 4)
  allowance.take(300, 5)
  expect(allowance.left(300)).toBe(1)
  expect(allowance.waitMs(300, 1)).toBe(0)
  expect(allowance.waitMs(300, 2)).toBe(700)
  expect(allowance.waitMs(300, 6)).toBe(1000)
  expect(allowance.waitMs(999, 5)).toBe(1)
  expect(allowance.waitMs(1000, 5)).toBe(0)
  expect(allowance.waitMs(300, 11)).toBe(Number.POSITIVE_INFINITY)
})

test('nothing may be taken while it is blocked', () => {
  const allowance = createAllowance({ amount: 2, perMs: 1000 })
  allowance.block(500)
  allowance.block(100)
  expect([allowance.left(499), allowance.waitMs(200, 1), allowance.left(500)]).toEqual([0, 300, 2])
})

test('the limits keep below those that Deepgram documents', () => {
  expect(speakBytes).toBeLessThan(2000)
  expect(textAMinute.amount).toBeLessThan(2400)
  expect(textAMinute.perMs).toBeGreaterThan(60_000)
  expect(flushesAMinute.amount).toBeLessThan(20)
  expect(flushesAMinute.perMs).toBeGreaterThan(60_000)
  expect(2 * speakBytes).toBeLessThanOrEqual(textAMinute.amount)
})
