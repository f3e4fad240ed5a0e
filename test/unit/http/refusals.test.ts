import { expect, test } from 'vitest'
import { createRefusals } from '../../../src/http/refusals.ts'

test('every refusal is counted by its reason and told, and ever fewer are worth a line', () => {
  const told: string[] = []
  const refusals = createRefusals((reason) => told.push(reason))
  const lines = Array.from({ length: 1000 }, () => refusals.count('no-start')).filter(Boolean)
  expect(refusals.counts['no-start']).toBe(1000)
  expect(refusals.counts['wrong-token']).toBe(0)
  expect(told).toHaveLength(1000)
  expect(lines).toHaveLength(10)
  expect(refusals.count('wrong-token')).toBe(true)
})
