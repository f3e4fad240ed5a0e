import { describe, expect, test } from 'vitest'
import {
  addCosts,
  createSamples,
  quantile,
  ratio,
  rounded,
  spreadOf,
  voidReasons,
} from '../../../../scripts/bench/figures.ts'
import { troublesInWords, noTroubles } from '../../../../scripts/bench/faults.ts'
import { problemsOf, tableOf } from '../../../../scripts/bench/report.ts'
import { usualGrowth } from '../../../../scripts/bench/scenarios/soak.ts'
import { emptyResult, figure, quantileFigures } from '../../../../scripts/bench/result.ts'

const samplesOf = (values: readonly number[]) => {
  const samples = createSamples()
  for (const value of values) samples.add(value)
  return samples
}
const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)

describe('quantiles', () => {
  test('are values that were measured, by the nearest rank', () => {
    const sorted = samplesOf(hundred).sorted()
    expect([0.5, 0.99, 0.999, 1].map((share) => quantile(sorted, share))).toEqual([50, 99, 100, 100])
    expect(quantile(samplesOf([3, 1, 2]).sorted(), 0.5)).toBe(2)
  })

  test('of nothing there are none', () => {
    expect(quantile(samplesOf([]).sorted(), 0.5)).toBeNull()
    expect(spreadOf()).toEqual({ count: 0, p50: null, p99: null, p999: null, max: null })
  })

  test('of several rounds are those of all of them together', () => {
    expect(spreadOf(samplesOf([1, 1, 1]), samplesOf([5]))).toMatchObject({ count: 4, p50: 1, p99: 5, max: 5 })
  })

  test('no sample is forgotten, however many there are', () => {
    const many = samplesOf(Array.from({ length: 5_000 }, (_, index) => index))
    expect(many.count).toBe(5_000)
    expect([...many.sorted()].every((value, index) => value === index)).toBe(true)
  })
})

test('how long something took is told for both, with p99.9 and the longest', () => {
  const spread = { count: 1, p50: 1, p99: 2, p999: 3, max: 4 }
  const figures = quantileFigures('key to clear', { server: spread, floor: { ...spread, p999: 1.5 } })
  expect(figures.map(({ name, server, floor }) => [name, server, floor])).toEqual([
    ['key to clear p50', 1, 1],
    ['key to clear p99', 2, 2],
    ['key to clear p99.9', 3, 1.5],
    ['key to clear at most', 4, 4],
  ])
})

test('a ratio without a floor is none', () => {
  expect([ratio(3, 2), ratio(3, 0), ratio(3, null), ratio(null, 2)]).toEqual([1.5, null, null, null])
  expect([rounded(Number.NaN), rounded(Number.POSITIVE_INFINITY), rounded(undefined)]).toEqual([null, null, null])
})

test('what rounds cost is added, but for the longest', () => {
  const cost = {
    elapsedMs: 1000,
    userMs: 70,
    systemMs: 30,
    allocatedBytes: 10,
    collections: 1,
    pausedMs: 5,
    longestPauseMs: 3,
    loopP50Ms: 1,
    loopP99Ms: 2,
    loopMaxMs: 4,
  }
  expect(addCosts([cost, { ...cost, longestPauseMs: 9 }])).toEqual({
    ...cost,
    elapsedMs: 2000,
    userMs: 140,
    systemMs: 60,
    allocatedBytes: 20,
    collections: 2,
    pausedMs: 10,
    longestPauseMs: 9,
  })
})

describe('a run is void', () => {
  test('when the generator took more than 70 % of a core', () => {
    expect(voidReasons({ share: 0.7, lateP99Ms: 1 })).toEqual([])
    expect(voidReasons({ share: 0.71, lateP99Ms: 1 })).toEqual(['the generator took 71 % of a core (at most 70 %)'])
  })

  test('when it sent more than 5 ms late at p99', () => {
    expect(voidReasons({ share: 0.1, lateP99Ms: 5 })).toEqual([])
    expect(voidReasons({ share: 0.1, lateP99Ms: 5.1 })).toHaveLength(1)
    expect(voidReasons({ share: 0.1, lateP99Ms: null })).toEqual([])
  })
})

describe('what a soak leaves', () => {
  test('is what usually stays from load to load, the first left aside', () => {
    expect(usualGrowth([10, 100, 110, 120, 60, 71])).toBe(10)
    expect(usualGrowth([10, 100, 100, 100])).toBe(0)
    expect(usualGrowth([10, 100])).toBe(0)
  })
})

describe('the report', () => {
  test('has both figures and their ratio in a row, and a dash for what there is not', () => {
    const figures = [
      figure('delay p99', 'ms', { server: 3, floor: 2 }),
      figure('refused', 'calls', { server: 150, floor: null }),
    ]
    const table = tableOf({ ...emptyResult('speaking', '10 calls', 10), figures })
    expect(table).toContain('speaking: 10 calls')
    expect(table).toMatch(/delay p99 \(ms\) +│ +3\.00 │ +2\.00 │ +1\.50 × /)
    expect(table).toMatch(/refused \(calls\) +│ +150 │ +– │ +│/)
    expect(table).not.toMatch(/FAILED|VOID/)
  })

  test('says loudly that something was lost, or that it counts for nothing', () => {
    expect(troublesInWords(noTroubles())).toEqual([])
    const bad = {
      ...emptyResult('speaking', '10 calls', 10),
      troubles: { ...noTroubles(), lost: 2, broken: 1 },
      void: ['too slow'],
      failed: ['it grew'],
    }
    expect(problemsOf(bad)).toEqual(['FAILED: not bit-exact: 2 lost, 1 broken', 'FAILED: it grew', 'VOID: too slow'])
    expect(tableOf(bad)).toContain('FAILED: not bit-exact: 2 lost, 1 broken')
  })
})
