import { expect, test } from 'vitest'
import { createLead } from '../../../src/call/lead.ts'

function bench() {
  const now = { ms: 1_000_000, spokenMs: 0 }
  return { now, lead: createLead({ now: () => now.ms }, { spokenMs: () => now.spokenMs }) }
}

test('sound that came is taken off what was expected, the oldest first', () => {
  const { now, lead } = bench()
  lead.gave(2_000)
  lead.gave(3_000)
  expect(lead.aheadMs(0)).toBe(5_000)
  now.spokenMs = 2_500
  expect(lead.aheadMs(2_500)).toBe(5_000)
  lead.gave(1_000)
  now.spokenMs = 6_500
  expect(lead.aheadMs(100)).toBe(100)
})

test('an estimate that was too long is dropped when the service has had ample time for it, one after the other', () => {
  const { now, lead } = bench()
  lead.gave(5_000) // expected within 2 s, dropped 3 s later
  lead.gave(10_000) // begun then, expected within 4 s more
  now.spokenMs = 1_000
  now.ms += 5_000
  expect(lead.aheadMs(0)).toBe(14_000)
  now.ms += 1
  expect(lead.aheadMs(0)).toBe(10_000)
  expect(lead.aheadMs(0)).toBe(10_000)
  now.ms += 4_000
  expect(lead.aheadMs(7)).toBe(7)
})

test('nothing is expected of what is settled, and what comes of it later counts for nothing else', () => {
  const { now, lead } = bench()
  lead.gave(5_000)
  now.spokenMs = 4_000
  lead.settled()
  expect(lead.aheadMs(0)).toBe(0)
  lead.gave(1_000)
  expect(lead.aheadMs(0)).toBe(1_000)
})
