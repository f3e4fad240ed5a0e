import { expect, test } from 'vitest'
import { startWorld, type World } from '../world.ts'
import { apiOf } from '../integration/api-client.ts'

const to = '+15551230001'

test('a proxy that rewrites Host and names nobody does not open an API without keys', async () => {
  // nginx with the usual lines for websockets, and none for the host: each request looks as if made on this machine.
  await using world = await startWorld({ settings: { PUBLIC_URL: 'https://bridge.example.com' } })
  const api = apiOf(world)
  const headers = { connection: 'close' }
  const refused = await api.refused({ to, message: 'Toll fraud.' }, headers)
  expect(refused.body).toMatchObject({ status: 403, code: 'request.forbidden' })
  expect((await api.get('/calls', headers)).status).toBe(403)
  expect(world.network.calls).toEqual([])
})

test('nor metrics without one', async () => {
  const settings = { PUBLIC_URL: 'https://bridge.example.com' }
  const ask = (of: World, headers: Record<string, string> = {}) => fetch(`${of.publicUrl}/metrics`, { headers })
  await using world = await startWorld({ settings })
  const refused = await ask(world)
  expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('METRICS_KEY')])
  await using keyed = await startWorld({ settings: { ...settings, METRICS_KEY: 'a-key' } })
  expect((await ask(keyed, { authorization: 'Bearer a-key' })).status).toBe(200)
})

test('with a key it opens, and behind an address of this machine without one', async () => {
  const key = 'a-key-of-enough-length'
  await using keyed = await startWorld({ settings: { PUBLIC_URL: 'https://bridge.example.com', API_KEYS: key } })
  expect((await apiOf(keyed).get('/calls', { authorization: `Bearer ${key}` })).status).toBe(200)
  await using local = await startWorld({ settings: { PUBLIC_URL: 'http://127.0.0.1:3000' } })
  expect((await apiOf(local).get('/calls')).status).toBe(200)
})
