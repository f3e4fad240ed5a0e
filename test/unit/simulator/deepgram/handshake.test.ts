import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import { expect, onTestFinished, test } from 'vitest'
import { type Client, start, telephony } from './harness.ts'

/** The ordinary HTTP response that a handshake got instead of a websocket. */
async function refusal({ socket }: { socket: WebSocket }) {
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  let text = ''
  for await (const part of response) text += String(part)
  const body = JSON.parse(text) as { err_code: string; err_msg: string; request_id: string }
  const { statusCode: status, headers } = response
  return { status, code: body.err_code, message: body.err_msg, body, headers }
}

const isOpen = ({ socket }: Client) => socket.readyState === WebSocket.OPEN

test('a refused handshake has its reason in dg-error, the same in the body, and a dg-request-id', async () => {
  const { connect, service } = await start()
  const { status, body, headers } = await refusal(connect(telephony, {}))
  expect([status, body]).toEqual([
    401,
    { err_code: 'INVALID_AUTH', err_msg: 'Invalid credentials.', request_id: headers['dg-request-id'] },
  ])
  expect([headers['dg-error'], headers['content-type']]).toEqual([body.err_msg, 'application/json'])
  expect(body.request_id).toMatch(/^[0-9a-f-]{36}$/)
  expect([service.opened, service.faults]).toMatchObject([0, [{ connection: 0, code: 'bad-key' }]])
})

test.each(['Token', 'token', 'TOKEN', 'Bearer', 'bearer'])('the key may stand behind %s', async (scheme) => {
  const { clock, connect, service } = await start()
  const client = connect(telephony, { authorization: `${scheme} ${service.apiKey}` })
  await clock.runUntil(client.opened)
  expect(service.faults).toEqual([])
})

test.each(['Basic KEY', 'KEY', 'Token wrong', 'Token', 'Token KEY x', ''])(
  'the key may not come as %j',
  async (form) => {
    const { connect, service } = await start()
    const { status } = await refusal(connect(telephony, { authorization: form.replace('KEY', service.apiKey) }))
    expect(status).toBe(401)
    expect(JSON.stringify(service.faults)).not.toContain(service.apiKey)
  },
)

test('a key in the query is none', async () => {
  const { connect, service } = await start()
  expect((await refusal(connect(`${telephony}&token=${service.apiKey}`, {}))).status).toBe(401)
})

test.each(['token', 'bearer'])('a browser has the key in the websocket protocols, behind %s', async (scheme) => {
  const { clock, service } = await start()
  const socket = new WebSocket(`${service.url.replace('http', 'ws')}/v1/speak?${telephony}`, [scheme, service.apiKey])
  onTestFinished(() => socket.terminate())
  await clock.runUntil(once(socket, 'open'))
  expect(socket.protocol).toBe(scheme)
})

test.each([
  ['model=aura-2-nobody-en', 'Bad Request', 'model'],
  ['model=aura-2-perseo-it', 'Bad Request', 'model'],
  ['encoding=mp3', 'UNSUPPORTED_AUDIO_FORMAT', 'encoding'],
  ['encoding=mulaw&sample_rate=24000', 'UNSUPPORTED_AUDIO_FORMAT', 'sample_rate'],
  ['encoding=alaw&sample_rate=48000', 'UNSUPPORTED_AUDIO_FORMAT', 'sample_rate'],
  ['sample_rate=44100', 'UNSUPPORTED_AUDIO_FORMAT', 'sample_rate'],
  ['sample_rate=8e3', 'UNSUPPORTED_AUDIO_FORMAT', 'sample_rate'],
  ['container=wav', 'UNSUPPORTED_AUDIO_FORMAT', 'container'],
  ['speed=0.6', 'INVALID_QUERY_PARAMETER', 'speed'],
  ['speed=1.6', 'INVALID_QUERY_PARAMETER', 'speed'],
  ['speed=fast', 'INVALID_QUERY_PARAMETER', 'speed'],
  ['mip_opt_out=1', 'INVALID_QUERY_PARAMETER', 'mip_opt_out'],
])('%s is refused with 400 %s', async (query, code, parameter) => {
  const { connect, service } = await start()
  expect(await refusal(connect(query))).toMatchObject({ status: 400, code })
  expect(service.faults).toMatchObject([{ connection: 0, code: 'bad-parameter', detail: parameter }])
})

test.each([
  '',
  'container=none',
  'model=aura-asteria-en',
  'model=aura-2-viktoria-de&speed=0.7&mip_opt_out=true',
  'encoding=alaw&sample_rate=16000&speed=1.5',
  'encoding=linear16&sample_rate=48000',
  'encoding=mulaw',
])('"%s" is let in', async (query) => {
  const { clock, connect, service } = await start()
  await clock.runUntil(connect(query).opened)
  expect(service.faults).toEqual([])
})

test.each(['voice=thalia', 'model=aura-asteria-en&model=aura-luna-en', 'callback=http://x', 'tag=a%0d%0ab', 'Model=x'])(
  'an unknown or repeated parameter is refused with 400, or as a switch ignored; it is a fault either way: %s',
  async (query) => {
    const { clock, connect, service } = await start()
    expect(await refusal(connect(query))).toMatchObject({ status: 400, code: 'INVALID_QUERY_PARAMETER' })
    service.behaviour.unknownParameters = 'ignore'
    await clock.runUntil(connect(query).opened)
    expect(service.faults.map((it) => [it.connection, it.code])).toEqual([
      [0, 'unknown-parameter'],
      [1, 'unknown-parameter'],
    ])
  },
)

test('a parameter that cannot stand in a header is not put there', async () => {
  const { connect } = await start()
  expect((await refusal(connect('a%0d%0aset-cookie:%20b=1'))).headers['set-cookie']).toBeUndefined()
})

test('what is no /v1/speak is 404', async () => {
  const { service } = await start()
  const socket = new WebSocket(`${service.url.replace('http', 'ws')}/v2/speak`, {
    headers: { authorization: `Token ${service.apiKey}` },
  })
  socket.on('error', () => {})
  expect(await refusal({ socket })).toMatchObject({ status: 404, code: 'NOT_FOUND' })
})

test.each([
  [402, 'ASR_PAYMENT_REQUIRED'],
  [403, 'INSUFFICIENT_PERMISSIONS'],
  [429, 'TOO_MANY_REQUESTS'],
  [503, 'SERVICE_UNAVAILABLE'],
  [502, 'INTERNAL_SERVER_ERROR'],
])('a handshake can be answered with %i', async (httpStatus, code) => {
  const { connect } = await start({ handshake: { httpStatus } })
  expect(await refusal(connect())).toMatchObject({ status: httpStatus, code })
})

test('connections can be refused, and handshakes be answered never or late', async () => {
  const { clock, connect, service } = await start({ handshake: 'refuse' })
  await expect(connect().opened).rejects.toThrow(/ECONNRESET|hang up/)
  service.behaviour.handshake = 'never'
  const hanging = connect()
  await clock.advance(3_600_000)
  expect(hanging.socket.readyState).toBe(WebSocket.CONNECTING)
  service.behaviour.handshake = 'answer'
  service.behaviour.handshakeDelayMs = 3000
  const late = connect()
  await clock.advance(2999)
  expect(isOpen(late)).toBe(false)
  await clock.advance(1)
  expect([isOpen(late), service.opened]).toEqual([true, 1])
})

test('more sockets than the limit get 429, until one of them is closed', async () => {
  const { clock, connect } = await start({ concurrencyLimit: 1, lingerMs: 10_000 })
  const first = connect()
  await clock.runUntil(first.opened)
  expect(await refusal(connect())).toMatchObject({ status: 429, code: 'TOO_MANY_REQUESTS' })
  first.close()
  await clock.runUntil(first.closed)
  await clock.runUntil(connect().opened)
})

test('a socket that ended without a close frame counts on for a while', async () => {
  const { clock, connect, service } = await start({ concurrencyLimit: 1, lingerMs: 10_000 })
  const first = connect()
  await clock.runUntil(first.opened)
  first.socket.terminate()
  await clock.advance(9999)
  expect(service.connections).toBe(0)
  expect(await refusal(connect())).toMatchObject({ status: 429 })
  await clock.advance(1)
  await clock.runUntil(connect().opened)
})
