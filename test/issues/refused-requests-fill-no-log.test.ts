import { expect, test } from 'vitest'
import { createLogger } from '../../src/ops/logger.ts'
import { apiOf } from '../integration/api-client.ts'
import { startWorld } from '../world.ts'

test('three hundred requests without a key are counted, and are a few lines of the log', async () => {
  const lines: string[] = []
  const log = createLogger('info', { write: (line: string) => void lines.push(line) })
  await using world = await startWorld({ log, settings: { API_KEYS: 'a-key-of-enough-length' } })
  const api = apiOf(world)
  for (let index = 0; index < 100; index++) {
    expect((await api.get('/calls')).status).toBe(401)
    expect((await api.refused('{')).status).toBe(401)
    expect((await api.get('/nowhere')).status).toBe(404)
    expect((await api.hangUp('x')).status).toBe(401)
  }
  expect(world.app.refusals.counts['unauthorized-request']).toBe(300)
  // The 1st, 2nd, 4th, … 256th.
  expect(lines.filter((line) => line.includes('request.unauthorized'))).toHaveLength(9)
  expect(lines).toHaveLength(9)
})
