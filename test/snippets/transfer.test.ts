import { expect, test } from 'vitest'
import type { Flow } from '../../src/flows/flow.ts'
import { startWorld } from '../world.ts'

test('docs/calls.md: giving a call to another number', async () => {
  let talkedMs = 0
  const operator: Flow = async (call) => {
    await call.say('One moment, please.')
    const { ended, durationMs } = await call.transfer('+15551230100', {
      timeoutMs: 20_000,
      otherwise: 'Nobody is there now. Please call again later.',
    })
    if (ended === 'answered') talkedMs += durationMs
  }

  await using world = await startWorld()
  const phone = world.network.phone('+15551234567', { answer: { afterMs: 100 } })
  world.network.phone('+15551230100', { answer: 'busy' })
  const outcome = await world.until(world.dial('+15551234567', '', {}, operator).outcome)
  expect(outcome).toMatchObject({ reason: 'transfer-failed', transfer: { ended: 'busy', durationMs: 0 } })
  expect(talkedMs).toBe(0)
  expect(phone.said).toEqual(['Nobody is there now. Please call again later.'])
})
