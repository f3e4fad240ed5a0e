import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import twilio from 'twilio'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { secrets, startWorld, type World } from '../world.ts'

const to = '+15551230001'
const nextToken = '5ec2e7next000000000000000a07470c'

/** Posts a webhook as Twilio would, form or JSON, signed with `token`. */
async function post(
  world: World,
  path: string,
  fields: Record<string, string>,
  more: { token?: string; json?: boolean; hash?: string; body?: string } = {},
): Promise<number> {
  const token = more.token ?? secrets.authToken
  const body = more.body ?? JSON.stringify(fields)
  const hash = more.hash ?? createHash('sha256').update(body).digest('hex')
  const plain = `${world.publicUrl}${path}`
  const url = more.json && more.hash !== 'none' ? `${plain}${path.includes('?') ? '&' : '?'}bodySHA256=${hash}` : plain
  const signature = twilio.getExpectedTwilioSignature(token, url, more.json ? {} : fields)
  const { status } = await fetch(url, {
    method: 'POST',
    headers: { 'x-twilio-signature': signature, ...(more.json ? { 'content-type': 'application/json' } : {}) },
    body: more.json ? body : new URLSearchParams(fields),
  })
  return status
}

async function ringing(world: World) {
  world.network.phone(to, { answer: { afterMs: 60_000 } })
  const call = world.dial(to, 'Still ringing.')
  while (call.callSid === undefined) await new Promise((resolve) => setTimeout(resolve, 5))
  const busy = { CallSid: call.callSid, AccountSid: secrets.accountSid, CallStatus: 'busy' }
  return { call, busy, path: `/twilio/status?callId=${call.callId}` }
}

function openSocket(world: World, token: string = secrets.authToken): Promise<number | WebSocket> {
  const url = `${world.publicUrl.replace('http', 'ws')}/twilio/media`
  const headers = { 'x-twilio-signature': twilio.getExpectedTwilioSignature(token, url, {}) }
  const socket = new WebSocket(url, { headers })
  socket.on('error', () => {})
  return new Promise((resolve) => {
    socket.once('open', () => resolve(socket))
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
  })
}

describe('the webhooks', () => {
  test('a JSON body is taken when its hash is in the signed URL', async () => {
    await using world = await startWorld({ real: true })
    const { call, busy, path } = await ringing(world)
    expect(await post(world, path, busy, { json: true })).toBe(204)
    expect(await call.outcome).toMatchObject({ status: 'busy' })
  })

  test('a JSON body without its hash, or with another one, is refused and touches nothing', async () => {
    await using world = await startWorld({ real: true })
    const { call, busy, path } = await ringing(world)
    const other = createHash('sha256').update('{}').digest('hex')
    expect(await post(world, path, busy, { json: true, hash: 'none' })).toBe(403)
    expect(await post(world, path, busy, { json: true, hash: other })).toBe(403)
    expect(await post(world, path, busy, { json: true, hash: '' })).toBe(403)
    expect(await post(world, path, busy, { json: true, token: 'another' })).toBe(403)
    expect(call.signal.aborted).toBe(false)
    expect(world.app.refusals.counts['unsigned-webhook']).toBe(4)
    call.end('cancelled')
    await call.outcome
  })

  test('a signed body that is no JSON, or holds no fields of a webhook, is refused with 400', async () => {
    await using world = await startWorld({ real: true })
    for (const body of ['', '{', 'null', '[]', '"x"', '{"__proto__":{"CallSid":"x"}}'])
      expect([body, await post(world, '/twilio/status', {}, { json: true, body })]).toEqual([body, 400])
  })

  test('while the token is rotated both are accepted, and afterwards only the new one', async () => {
    await using during = await startWorld({ real: true, settings: { TWILIO_AUTH_TOKEN_NEXT: nextToken } })
    const { call, busy, path } = await ringing(during)
    expect(await post(during, path, { ...busy, CallStatus: 'ringing' })).toBe(204)
    expect(await post(during, path, busy, { token: nextToken })).toBe(204)
    expect(await call.outcome).toMatchObject({ status: 'busy' })
    const socket = await openSocket(during, nextToken)
    expect(socket).toBeInstanceOf(WebSocket)
    if (socket instanceof WebSocket) socket.close()
    await using after = await startWorld({ real: true })
    expect(await post(after, '/twilio/status', busy, { token: nextToken })).toBe(403)
    expect(await openSocket(after, nextToken)).toBe(403)
  })
})

describe('the media websocket', () => {
  test('beyond the cap of sockets that have not started, new ones get 503, and a call goes on', async () => {
    await using world = await startWorld({ real: true, settings: { MAX_PENDING_SOCKETS: '3' } })
    const phone = world.network.phone(to, { answer: { afterMs: 0 } })
    const call = world.dial(to, 'One sentence that takes its time to be spoken to the end.')
    await call.streaming
    // The call's own socket has started and takes no place.
    const opened = [await openSocket(world), await openSocket(world), await openSocket(world)]
    for (const socket of opened) expect(socket).toBeInstanceOf(WebSocket)
    expect(await openSocket(world)).toBe(503)
    expect(await openSocket(world, 'forged')).toBe(403)
    expect(world.app.refusals.counts).toMatchObject({ 'too-many-pending': 1, 'unsigned-handshake': 1 })
    const [first] = opened
    if (first instanceof WebSocket) {
      const closed = new Promise((resolve) => first.once('close', resolve))
      first.close()
      await closed
    }
    const again = await openSocket(world)
    expect(again).toBeInstanceOf(WebSocket)
    expect(await call.outcome).toMatchObject({ status: 'heard' })
    await phone.ended
  })

  test('at the end every socket is closed with 1001', async () => {
    const world = await startWorld({ real: true })
    const socket = await openSocket(world)
    if (!(socket instanceof WebSocket)) throw new Error('expected a socket')
    const code = new Promise((resolve) => socket.once('close', resolve))
    await world[Symbol.asyncDispose]()
    expect(await code).toBe(1001)
  })

  test('a socket that never says start is closed after five seconds, and counted', async () => {
    await using world = await startWorld()
    const socket = await openSocket(world)
    if (!(socket instanceof WebSocket)) throw new Error('expected a socket')
    const code = new Promise<number>((resolve) => socket.once('close', resolve))
    await world.clock.advance(5000)
    expect(await code).toBe(1008)
    expect(world.app.refusals.counts['no-start']).toBe(1)
  })
})

describe('the server', () => {
  test('who sends the head of a request too slowly is cut off', async () => {
    await using world = await startWorld({ real: true })
    const { server } = world.app.server
    expect(server.headersTimeout).toBe(10_000)
    expect(server.requestTimeout).toBe(15_000)
    server.headersTimeout = 1
    const { port, hostname } = new URL(world.publicUrl)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    socket.write('GET /twilio/media HTTP/1.1\r\nHost: x\r\n')
    // Looked at every five seconds.
    const answer = await new Promise<string>((resolve) => {
      let text = ''
      socket.on('data', (data: Buffer) => (text += data.toString()))
      socket.on('close', () => resolve(text))
    })
    expect(answer).toContain('408')
  })
})
