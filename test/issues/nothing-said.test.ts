import { expect, test } from 'vitest'
import { startWorld } from '../world.ts'

test.each(['', '   '])('a call in which nothing was said is not heard: %j', async (text) => {
  await using world = await startWorld()
  world.network.phone('+15551230001')
  const outcome = await world.until(world.dial('+15551230001', text).outcome)
  expect(outcome).toMatchObject({ status: 'unheard', reason: 'completed', heardMs: 0, heardText: '', provider: null })
})
