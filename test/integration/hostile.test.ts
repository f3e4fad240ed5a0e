import twilio from 'twilio'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { LiveCall } from '../../src/call/live-call.ts'
import { leftOf, nothing } from '../left-behind.ts'
import { secrets, startWorld, type World } from '../world.ts'

const streamSid = `MZ${'a'.repeat(32)}`
const callSid = `CA${'b'.repeat(32)}`

function open(world: World, headers: Record<string, string> = {}): WebSocket {
  const url = `${world.publicUrl.replace('http', 'ws')}/twilio/media`
  const signature = twilio.getExpectedTwilioSignature(secrets.authToken, url, {})
  const socket = new WebSocket(url, { headers: { 'x-twilio-signature': signature, ...headers } })
  socket.on('error', () => {})
  return socket
}

const opened = (socket: WebSocket) => new Promise<void>((resolve) => socket.once('open', () => resolve()))
const closed = (socket: WebSocket) => new Promise<number>((resolve) => socket.once('close', (code) => resolve(code)))

function startMessage(call: Pick<LiveCall, 'callId' | 'token'>, more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    event: 'start',
    sequenceNumber: '1',
    streamSid,
    start: {
      streamSid,
      accountSid: secrets.accountSid,
      callSid,
      tracks: ['inbound'],
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
      customParameters: { callId: call.callId, token: call.token },
      ...more,
    },
  })
}

/** A deterministic stream of everything a peer should not send. */
function* hostileFrames(count: number): Generator<string | Buffer> {
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
  const kinds: (string | Buffer)[] = [
    '',
    'x',
    '{',
    'null',
    '42',
    '[]',
    '"mark"',
    '{}',
    '{"event":null}',
    '{"event":42}',
    '{"event":"mark"}',
    `{"event":"mark","streamSid":"${streamSid}","mark":null}`,
    `{"event":"mark","streamSid":"${streamSid}","mark":{"name":7}}`,
    `{"event":"mark","streamSid":"${streamSid}","mark":{"name":"g1:m999999"}}`,
    `{"event":"mark","streamSid":"MZ${'f'.repeat(32)}","mark":{"name":"g1:m1"}}`,
    `{"event":"media","streamSid":"${streamSid}","media":{"payload":42}}`,
    `{"event":"media","streamSid":"${streamSid}","media":{"payload":"***","chunk":"x","timestamp":{}}}`,
    `{"event":"stop","streamSid":"MZ${'f'.repeat(32)}","stop":{"callSid":"${callSid}","accountSid":"${secrets.accountSid}"}}`,
    `{"event":"dtmf","streamSid":"MZ${'f'.repeat(32)}","dtmf":{"digit":"1"}}`,
    '{"__proto__":{"event":"stop"},"constructor":{"prototype":{"polluted":true}}}',
    `{"event":"start","__proto__":{"polluted":true}}`,
    `{"event":"${'e'.repeat(5000)}"}`,
    `{"event":"mark","streamSid":"${streamSid}","mark":{"name":"${'n'.repeat(60_000)}"}}`,
    deep,
    `{"event":"media","media":${deep}}`,
    '\u0000\uFFFF\uD800',
    Buffer.from([0xff, 0x00, 0xfe]),
    Buffer.alloc(50_000, 0x7b),
  ]
  for (let index = 0; index < count; index++) {
    const kind = kinds[index % kinds.length] ?? ''
    // Every other round is cut in the middle.
    const cut = typeof kind === 'string' && index % (2 * kinds.length) >= kinds.length
    yield cut ? kind.slice(0, index % (kind.length + 1)) : kind
  }
}

describe('hostile peers', () => {
  test('ten thousand hostile frames disturb neither the call they come in nor another one', async () => {
    await using world = await startWorld({ real: true })
    const phone = world.network.phone('+15551230001', { answer: { afterMs: 20 } })
    world.network.phone('+15551230002', { answer: { afterMs: 60_000 } })
    const undisturbed = world.dial('+15551230001', 'This call goes on, whatever happens next to it.')
    const attacked = world.dial('+15551230002', 'So does this one.')
    const socket = open(world)
    await opened(socket)
    // Until Twilio's own call has rung, its id is not known; then the stream has to name it.
    while (attacked.callSid === undefined) await new Promise((resolve) => setTimeout(resolve, 5))
    socket.send('{"event":"connected","protocol":"Call","version":"1.0.0"}')
    socket.send(startMessage(attacked, { callSid: attacked.callSid }))
    const marks: string[] = []
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { event: string; mark?: { name: string } }
      if (message.mark) marks.push(message.mark.name)
    })
    let sent = 0
    for (const frame of hostileFrames(10_000)) {
      socket.send(frame)
      if (++sent % 200 === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(socket.readyState).toBe(WebSocket.OPEN)
    expect({}).not.toHaveProperty('polluted')
    const echo = () => {
      for (const name of marks.splice(0)) {
        socket.send(JSON.stringify({ event: 'mark', sequenceNumber: '9', streamSid, mark: { name } }))
      }
    }
    const echoing = setInterval(echo, 20)
    const outcomes = await Promise.all([undisturbed.outcome, attacked.outcome])
    clearInterval(echoing)
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['heard', 'heard'])
    await phone.ended
    const produced = world.async.spoken.filter((one) => one.transcript.startsWith('This call')).map((one) => one.audio)
    expect(Buffer.compare(Buffer.from(phone.heard), Buffer.concat(produced))).toBe(0)
    expect(world.network.faults).toEqual([])
  })

  test('a frame of more than 64 KiB closes the socket it came on, and only that one', async () => {
    await using world = await startWorld({ real: true })
    const socket = open(world)
    await opened(socket)
    const other = open(world)
    await opened(other)
    socket.send('x'.repeat(70_000))
    expect(await closed(socket)).toBe(1009)
    expect(other.readyState).toBe(WebSocket.OPEN)
    other.close()
  })

  test('a handshake that Twilio did not sign is refused before the upgrade', async () => {
    await using world = await startWorld({ real: true })
    for (const signature of ['', 'x', 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=']) {
      const socket = open(world, { 'x-twilio-signature': signature })
      const status = await new Promise((resolve) =>
        socket.once('unexpected-response', (_request, response) => resolve(response.statusCode)),
      )
      expect(status).toBe(403)
    }
  })

  test('a stream without the right token, account, or call is closed and spoken to by nobody', async () => {
    await using world = await startWorld({ real: true })
    world.network.phone('+15551230001', { answer: { afterMs: 60_000 } })
    const call = world.dial('+15551230001', 'Not for you.')
    while (call.callSid === undefined) await new Promise((resolve) => setTimeout(resolve, 5))
    const own = { callSid: call.callSid }
    const starts = [
      startMessage({ callId: call.callId, token: 'guess' }, own),
      startMessage({ callId: 'nobody', token: call.token }, own),
      startMessage(call),
      startMessage(call, { ...own, accountSid: `AC${'0'.repeat(32)}` }),
      startMessage(call, { ...own, customParameters: undefined }),
    ]
    for (const start of starts) {
      const socket = open(world)
      await opened(socket)
      let spoken = 0
      socket.on('message', () => spoken++)
      socket.send(start)
      expect(await closed(socket)).toBe(1008)
      expect(spoken).toBe(0)
    }
    expect(call.streamed).toBe(false)
    call.end('cancelled')
    await call.outcome
  })

  test('a second stream of one call is refused while the first one speaks on', async () => {
    await using world = await startWorld({ network: { behaviour: { streamOpening: 'twice' } } })
    const phone = world.network.phone('+15551230001')
    const call = world.dial('+15551230001', 'Only once, please.')
    const outcome = await world.until(call.outcome)
    await world.until(phone.ended)
    expect(outcome).toMatchObject({ status: 'heard', heardMs: phone.heardMs })
    const produced = Buffer.concat(world.async.spoken.map((one) => one.audio))
    expect(Buffer.compare(Buffer.from(phone.heard), produced)).toBe(0)
    expect(world.app.refusals.counts['second-stream']).toBe(1)
    await world.clock.advance(5000)
    expect(leftOf(world)).toEqual(nothing)
  })

  test('a stream with another call’s token is closed: both calls are heard by whom they are for', async () => {
    await using world = await startWorld()
    const numbers = ['+15551230001', '+15551230002'] as const
    const phones = numbers.map((number) => world.network.phone(number, { answer: { afterMs: 30_000 } }))
    const [one, other] = numbers.map((number, at) => world.dial(number, `This is for number ${at + 1} alone.`))
    if (!one || !other) throw new Error('expected two calls')
    await world.clock.advance(2000)
    const starts = [
      startMessage({ callId: one.callId, token: other.token }, { callSid: one.callSid }),
      startMessage({ callId: other.callId, token: one.token }, { callSid: one.callSid }),
      startMessage(other, { callSid: one.callSid }),
    ]
    for (const start of starts) {
      const socket = open(world)
      await opened(socket)
      let spoken = 0
      socket.on('message', () => spoken++)
      socket.send(start)
      expect([await closed(socket), spoken]).toEqual([1008, 0])
    }
    expect(world.app.refusals.counts).toMatchObject({ 'wrong-token': 2, 'other-call': 1 })
    const outcomes = [await world.until(one.outcome), await world.until(other.outcome)]
    await world.clock.advance(5000)
    for (const [at, outcome] of outcomes.entries()) {
      const own = world.async.spoken.filter(({ transcript }) => transcript.includes(`number ${at + 1}`))
      expect(outcome).toMatchObject({ status: 'heard', heardMs: phones[at]?.heardMs })
      expect(Buffer.compare(Buffer.from(phones[at]?.heard ?? []), Buffer.concat(own.map(({ audio }) => audio)))).toBe(0)
    }
    expect(leftOf(world)).toEqual(nothing)
  })

  test('webhooks that Twilio did not sign are refused and touch nothing', async () => {
    await using world = await startWorld({ real: true })
    world.network.phone('+15551230001', { answer: { afterMs: 60_000 } })
    const call = world.dial('+15551230001', 'Still ringing.')
    while (call.callSid === undefined) await new Promise((resolve) => setTimeout(resolve, 5))
    const paths = ['voice', 'status', 'amd', 'stream-status', 'stream-ended']
    for (const path of paths) {
      const url = `${world.publicUrl}/twilio/${path}?callId=${call.callId}`
      const fields = {
        CallSid: call.callSid,
        AccountSid: secrets.accountSid,
        CallStatus: 'completed',
        Direction: 'inbound',
      }
      const signed = twilio.getExpectedTwilioSignature(secrets.authToken, url, { ...fields, CallStatus: 'busy' })
      for (const signature of [undefined, 'x', signed]) {
        const answer = await fetch(url, {
          method: 'POST',
          headers: signature === undefined ? {} : { 'x-twilio-signature': signature },
          body: new URLSearchParams(fields),
        })
        expect(answer.status).toBe(403)
      }
    }
    expect(call.signal.aborted).toBe(false)
    expect(world.app.calls()).toHaveLength(1)
    call.end('cancelled')
    await call.outcome
  })
})
