import { expect, test } from 'vitest'
import { startWorld } from '../world.ts'

test('a request that is never finished is given up, its head and its body alike', async () => {
  await using world = await startWorld({ real: true })
  // Node looks for overdue requests every half minute, so only the setting can be shown in a test.
  const { requestTimeout } = world.app.server.server
  expect(requestTimeout).toBeGreaterThan(0)
  expect(requestTimeout).toBeLessThanOrEqual(15_000)
})
