import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect as connectTcp } from 'node:net'
import { expect, test } from 'vitest'
import { type Client, start } from './harness.ts'

const wrongKey = 'api_key=sk_wrong_key_9999&version=v1'

/** The ordinary HTTP response that a handshake got instead of a websocket. */
async function refusal(client: Client): Promise<{ status: number | undefined; body: unknown }> {
  const [, response] = (await once(client.socket, 'unexpected-response')) as [unknown, IncomingMessage]
  let body = ''
  for await (const part of response) body += String(part)
  return { status: response.statusCode, body: JSON.parse(body) }
}

test('the key and the version stand in the query, and a key with reserved characters works when it is encoded', async () => {
  const { clock, service, connect } = await start({}, { apiKey: 'sk_a&b=c/d+e%' })
  const client = connect()
  await clock.runUntil(client.opened)
  expect(service.connections).toBe(1)
  expect(service.opened).toBe(1)
  expect(service.faults).toEqual([])
})

test('a bad key is refused in HTTP with 401 INVALID_API_KEY, its extra showing a shortened key', async () => {
  const { service, connect } = await start()
  expect(await refusal(connect(wrongKey))).toEqual({
    status: 401,
    body: {
      detail: { error_code: 'INVALID_API_KEY', message: 'Invalid or expired API key.', extra: { api_key: 'sk_…9999' } },
    },
  })
  expect(service.opened).toBe(0)
  expect(service.faults).toMatchObject([{ connection: 0, code: 'bad-key' }])
  expect(JSON.stringify(service.faults)).not.toContain('sk_wrong')
})

test('as a switch, a bad key is accepted and closed without a word', async () => {
  const { clock, service, connect } = await start({ badKey: 'close', closeCode: 1008 })
  const client = connect(wrongKey)
  expect(await clock.runUntil(client.closed)).toEqual({ code: 1008, reason: '' })
  expect(client.frames).toEqual([])
  expect(service.opened).toBe(1)
  expect(service.faults).toMatchObject([{ connection: 1, code: 'bad-key' }])
})

test('as a switch, a bad key is accepted, told INVALID_API_KEY and closed', async () => {
  const { clock, service, connect } = await start({ badKey: 'error-frame' })
  const client = connect('version=v1')
  await clock.runUntil(client.closed)
  expect(client.errors()).toEqual(['INVALID_API_KEY'])
  expect(service.connections).toBe(0)
})

test('a missing version is refused with 404 VERSION_NOT_FOUND, or as a switch let in; it is a fault either way', async () => {
  const { clock, service, connect } = await start()
  const query = `api_key=${service.apiKey}`
  expect(await refusal(connect(query))).toMatchObject({
    status: 404,
    body: { detail: { error_code: 'VERSION_NOT_FOUND' } },
  })
  service.behaviour.missingVersion = 'accept'
  await clock.runUntil(connect(query).opened)
  expect(service.faults.map((it) => [it.connection, it.code])).toEqual([
    [0, 'no-version'],
    [1, 'no-version'],
  ])
})

test('a handshake can be answered with any HTTP status', async () => {
  const { connect } = await start({ handshake: { httpStatus: 503 } })
  expect((await refusal(connect())).status).toBe(503)
})

test('connections can be refused', async () => {
  const { service, connect } = await start({ handshake: 'refuse' })
  await expect(connect().opened).rejects.toThrow(/ECONNRESET|hang up/)
  expect(service.opened).toBe(0)
})

test('a handshake can stay unanswered for ever', async () => {
  const { clock, service, connect } = await start({ handshake: 'never' })
  const client = connect()
  await clock.advance(3_600_000)
  expect(client.socket.readyState).toBe(client.socket.CONNECTING)
  expect(service.opened).toBe(0)
})

test('a handshake can be answered late', async () => {
  const { clock, connect } = await start({ handshakeDelayMs: 3000 })
  const client = connect()
  await clock.advance(2999)
  expect(client.socket.readyState).toBe(client.socket.CONNECTING)
  await clock.advance(1)
  expect(client.socket.readyState).toBe(client.socket.OPEN)
})

test('more sockets than the limit are told TOO_MANY_CONCURRENT_REQUESTS', async () => {
  const { clock, service, connect } = await start({ concurrencyLimit: 1 })
  const first = connect()
  await clock.runUntil(first.opened)
  const second = connect()
  await clock.runUntil(second.closed)
  expect(second.frames).toMatchObject([{ error_code: 'TOO_MANY_CONCURRENT_REQUESTS', extra: { limit: 1, current: 2 } }])
  expect(service.connections).toBe(1)
  first.socket.close()
  await clock.runUntil(first.closed)
  await clock.runUntil(connect().opened)
})

test('GET / tells the status, and unknown paths are 404 with the error body', async () => {
  const { service } = await start()
  const status = await fetch(service.url)
  expect([status.status, await status.json()]).toEqual([200, { status: 'ok', version: 'v1' }])
  const unknown = await fetch(`${service.url}/text_to_song`, { method: 'POST', body: '{}' })
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { detail: { error_code: 'NOT_FOUND' } }])
})

test('a client that gives up on an unanswered handshake is let go', async () => {
  const { clock, service } = await start({ handshake: 'never' })
  const tcp = connectTcp(Number(new URL(service.url).port), '127.0.0.1')
  const gone = once(tcp, 'close')
  tcp.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  tcp.resume()
  await clock.runUntil(gone)
})
