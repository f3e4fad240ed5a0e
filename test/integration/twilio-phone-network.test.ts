import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import type { BridgeError } from '../../src/errors.ts'
import { createSteppedClock, type SteppedClock } from '../../src/simulator/clock.ts'
import { startPhoneNetwork, type PhoneNetwork } from '../../src/simulator/phone-network/network.ts'
import {
  encodeMedia,
  mediaHead,
  encodeClear,
  encodeMark,
  parseStreamMessage,
  type StreamMessage,
} from '../../src/twilio/media-stream.ts'
import { createTwilioRest, type TwilioRest } from '../../src/twilio/rest.ts'
import type { TwilioRestSettings } from '../../src/twilio/rest-client.ts'
import { isSignedHandshake, isSignedWebhook } from '../../src/twilio/signature.ts'
import { isTerminal, statusAfter, type CallStatus } from '../../src/twilio/statuses.ts'
import { mediaStreamUrl } from '../../src/twilio/stream-url.ts'
import { connectStream, hangUp, sayAndHangUp } from '../../src/twilio/twiml.ts'
import {
  parseAmdCallback,
  parseStatusCallback,
  parseStreamEnded,
  parseStreamStatus,
  parseVoiceWebhook,
  type StatusCallback,
} from '../../src/twilio/webhooks.ts'
import { failure as failureOf } from '../failure.ts'

const to = '+15550123'
const nobody = { isKnownCall: () => false }

let clock: SteppedClock
let network: PhoneNetwork
let application: Awaited<ReturnType<typeof startApplication>>
let rest: TwilioRest

beforeEach(async () => {
  clock = createSteppedClock()
  network = await startPhoneNetwork({ clock })
  application = await startApplication(network)
  rest = createRest()
})

afterEach(async () => {
  await network.close()
  await application.close()
})

/** An application of our own functions: signatures checked, bodies parsed, the media socket spoken by the codec. */
async function startApplication(network: PhoneNetwork) {
  const { authToken } = network.account
  const authTokens = [authToken]
  const app = {
    publicUrl: '',
    unsigned: 0,
    webhooks: [] as { path: string; parsed: object }[],
    messages: [] as StreamMessage[],
    twiml: (_path: string) => hangUp(),
    onMessage: (_message: StreamMessage, _socket: WebSocket): void => {},
    statuses: () => app.webhooks.map(({ parsed }) => parsed).filter(isStatus),
    async close() {
      for (const client of sockets.clients) client.terminate()
      sockets.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  const parsers: Record<string, (body: Record<string, string>) => object> = {
    '/twilio/voice': parseVoiceWebhook,
    '/twilio/status': parseStatusCallback,
    '/twilio/amd': parseAmdCallback,
    '/twilio/stream-status': parseStreamStatus,
    '/twilio/stream-ended': parseStreamEnded,
  }
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  const server: Server = createServer((request, response) => {
    let text = ''
    request.on('data', (piece) => (text += String(piece)))
    request.on('end', () => {
      const body = Object.fromEntries(new URLSearchParams(text))
      const rawUrl = request.url ?? ''
      const signature = request.headers['x-twilio-signature']
      if (!isSignedWebhook({ authTokens, publicUrl: app.publicUrl, rawUrl, signature: String(signature), body })) {
        app.unsigned++
        response.writeHead(403).end()
        return
      }
      const path = new URL(rawUrl, 'http://app').pathname
      app.webhooks.push({ path, parsed: parsers[path]?.(body) ?? {} })
      response.writeHead(200, { 'content-type': 'text/xml' }).end(app.twiml(path))
    })
  })
  server.on('upgrade', (request, socket, head) => {
    const signature = request.headers['x-twilio-signature']
    const path = request.url ?? ''
    if (!isSignedHandshake({ authTokens, publicUrl: app.publicUrl, path, signature: String(signature) })) {
      app.unsigned++
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (client) =>
      client.on('message', (data, isBinary) => {
        if (!(data instanceof Buffer)) return
        const message = parseStreamMessage(data, isBinary)
        app.messages.push(message)
        app.onMessage(message, client)
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  app.publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return app
}

function createRest(settings: Partial<TwilioRestSettings> = {}): TwilioRest {
  const { sid, authToken } = network.account
  return createTwilioRest({ accountSid: sid, authToken, apiUrl: network.url, ...settings }, { clock })
}

function at(path: string): string {
  return application.publicUrl + path
}

function request() {
  const twiml = connectStream({
    streamUrl: mediaStreamUrl(application.publicUrl, '/twilio/media'),
    parameters: { token: 't0ken', quoted: `a&b<"'>` },
    actionUrl: at('/twilio/stream-ended'),
    statusCallbackUrl: at('/twilio/stream-status'),
  })
  return { to, from: network.account.numbers[0] ?? '', twiml, statusCallbackUrl: at('/twilio/status') }
}

function run<T>(work: Promise<T>): Promise<T> {
  return clock.runUntil(work)
}

async function failure(work: Promise<unknown>): Promise<BridgeError> {
  const thrown = await run(failureOf(work))
  const text = inspect(thrown, { depth: 10, showHidden: true })
  for (const secret of [network.account.authToken, to.slice(1), network.account.numbers[0]?.slice(1) ?? ''])
    expect(text).not.toContain(secret)
  return thrown
}

test('a call: every webhook signed and understood, every message known, every byte heard, no fault', async () => {
  const phone = network.phone(to, { answer: { afterMs: 2000 }, steps: [{ afterAnswerMs: 500, press: '1#' }] })
  const audio = Uint8Array.from({ length: 16_000 }, (_, i) => (i * 31) % 255)
  application.onMessage = (message, socket) => {
    if (message.event === 'start') {
      const head = mediaHead(message.streamSid)
      for (let i = 0; i < audio.length; i += 1000)
        socket.send(encodeMedia(head, Buffer.from(audio.slice(i, i + 1000)).toString('base64')))
      socket.send(encodeMark(message.streamSid, 'said "it"'))
    }
    if (message.event === 'mark') {
      socket.send(encodeClear(message.streamSid))
      socket.close(1000)
    }
  }
  const { callSid } = await run(
    rest.createCall({ ...request(), machineDetection: 'Enable', amdCallbackUrl: at('/twilio/amd') }, nobody),
  )
  await run(phone.ended)
  await run(settled())

  expect(network.faults).toEqual([])
  expect(application.unsigned).toBe(0)
  expect(Buffer.from(phone.heard).equals(Buffer.from(audio))).toBe(true)
  const names = new Set(application.messages.map(({ event }) => event))
  expect([...names].toSorted()).toEqual(['connected', 'dtmf', 'mark', 'media', 'start'])
  expect(application.messages.find(({ event }) => event === 'start')).toMatchObject({
    callSid,
    accountSid: network.account.sid,
    customParameters: { token: 't0ken', quoted: `a&b<"'>` },
    mediaFormat: { encoding: 'audio/x-mulaw', sampleRateHz: 8000, channels: 1 },
  })
  expect(application.messages).toContainEqual(expect.objectContaining({ event: 'mark', name: 'said "it"' }))
  expect(application.messages.flatMap((message) => (message.event === 'dtmf' ? [message.digit] : []))).toEqual([
    '1',
    '#',
  ])
  const counts = application.messages.flatMap((message) =>
    'sequenceNumber' in message ? [message.sequenceNumber] : [],
  )
  expect(counts).toEqual(counts.map((_, i) => i + 1))

  expect(application.webhooks.map(({ parsed }) => ('kind' in parsed ? parsed.kind : ''))).not.toContain('malformed')
  expect(application.webhooks.every(({ parsed }) => 'callSid' in parsed && parsed.callSid === callSid)).toBe(true)
  expect(application.statuses().map(({ status }) => status)).toEqual([
    'initiated',
    'ringing',
    'in-progress',
    'completed',
  ])
  expect(application.statuses().map(({ sequenceNumber }) => sequenceNumber)).toEqual([0, 1, 2, 3])
  expect(application.statuses().at(-1)).toMatchObject({
    durationS: expect.any(Number),
    timestampMs: expect.any(Number),
  })
  for (const [path, parsed] of [
    ['/twilio/stream-status', { kind: 'stream-status', event: 'stream-started' }],
    ['/twilio/stream-status', { kind: 'stream-status', event: 'stream-stopped' }],
    ['/twilio/stream-ended', { kind: 'stream-ended', status: 'in-progress' }],
  ] as const)
    expect(application.webhooks).toContainEqual({ path, parsed: expect.objectContaining(parsed) })
  expect(await run(rest.fetchCall(callSid))).toMatchObject({ status: 'completed', durationS: expect.any(Number) })
})

test('a stream signed with a trailing slash is let in, a wrong one and an unsigned one are not', async () => {
  for (const [streamSignature, streams] of [
    ['trailing-slash', 1],
    ['wrong', 0],
    ['missing', 0],
  ] as const) {
    network.behaviour.streamSignature = streamSignature
    application.messages.length = 0
    application.onMessage = (message, socket) => void (message.event === 'start' && socket.close(1000))
    const phone = network.phone(to)
    await run(rest.createCall(request(), nobody))
    await run(phone.ended)
    expect([streamSignature, application.messages.filter(({ event }) => event === 'start').length]).toEqual([
      streamSignature,
      streams,
    ])
  }
  expect(application.unsigned).toBe(2)
})

test('webhooks with a wrong signature or none are refused', async () => {
  for (const webhookSignature of ['wrong', 'missing'] as const) {
    network.behaviour.webhookSignature = webhookSignature
    network.phone(to, { answer: 'busy' })
    await run(rest.createCall(request(), nobody))
    await run(over())
  }
  expect(application.webhooks).toEqual([])
  expect(application.unsigned).toBeGreaterThanOrEqual(4)
})

test('whatever the order and number of callbacks, the end that is known is the end', async () => {
  for (const [answer, end] of [
    ['busy', 'busy'],
    ['no-answer', 'no-answer'],
    [{ afterMs: 500 }, 'completed'],
  ] as const) {
    for (const statusCallbackOrder of ['in-order', 'reversed'] as const) {
      Object.assign(network.behaviour, { statusCallbackOrder, statusCallbackCopies: 2 })
      application.webhooks.length = 0
      network.phone(to, { answer })
      await run(rest.createCall({ ...request(), twiml: sayAndHangUp('Goodbye.'), timeoutS: 5 }, nobody))
      await run(over())
      const reports = application.statuses().map(({ status }) => status)
      expect(reports.length).toBeGreaterThanOrEqual(4)
      expect(new Set(reports).size).toBe(reports.length / 2)
      expect(reports.reduce<CallStatus | undefined>(statusAfter, undefined)).toBe(end)
    }
  }
})

test('a mailbox is told by the verdict', async () => {
  const wanted = { ...request(), machineDetection: 'DetectMessageEnd', amdCallbackUrl: at('/twilio/amd') } as const
  application.onMessage = (_, socket) => {
    if (application.webhooks.some(({ path }) => path === '/twilio/amd')) socket.close(1000)
  }
  const phone = network.phone(to, { answer: { voicemail: { afterMs: 500, greetingMs: 3000 } } })
  await run(rest.createCall(wanted, nobody))
  await run(phone.ended)
  expect(application.webhooks).toContainEqual({
    path: '/twilio/amd',
    parsed: expect.objectContaining({ kind: 'amd', answeredBy: 'machine_end_beep' }),
  })
})

test('an inbound call asks for instructions', async () => {
  application.twiml = () => sayAndHangUp('We are closed.')
  const phone = network.dialIn({ from: to, voiceUrl: at('/twilio/voice?line=O%27Neil+1') })
  await run(phone.ended)
  expect(phone.said).toEqual(['We are closed.'])
  expect(application.webhooks[0]?.parsed).toMatchObject({
    kind: 'voice',
    direction: 'inbound',
    from: to,
    status: 'ringing',
  })
})

const lostAnswers = [
  { kind: 'no-answer', processed: true },
  { kind: 'reset', processed: true },
  { kind: 'status', status: 500, body: 'json', processed: true },
  { kind: 'status', status: 502, body: 'html', processed: true },
  { kind: 'status', status: 503, body: 'empty', processed: true },
] as const

test.each(lostAnswers)('after the lost answer %o one phone rings, once', async (answer) => {
  rest = createRest({ timeoutMs: 150 })
  network.behaviour.listLagMs = 1500
  network.behaviour.rest = ({ method }) => (method === 'POST' ? answer : { kind: 'normal' })
  const phone = network.phone(to, { answer: 'busy' })
  const created = await run(rest.createCall(request(), nobody))
  expect(created).toMatchObject({ callSid: network.calls[0]?.sid, reconciled: true })
  await run(settled())
  expect(network.calls).toHaveLength(1)
  expect(phone.events.filter(({ type }) => type === 'ringing').length).toBeLessThanOrEqual(1)
})

test.each(lostAnswers)(
  'after the lost answer %o to a request that was not carried out nobody is called',
  async (answer) => {
    rest = createRest({ timeoutMs: 150 })
    network.behaviour.rest = ({ method }) => (method === 'POST' ? { ...answer, processed: false } : { kind: 'normal' })
    expect((await failure(rest.createCall(request(), nobody))).code).toBe('twilio.create-unknown')
    expect(network.calls).toEqual([])
  },
)

test.each([
  ['a wrong token', { settings: { authToken: 'another' } }, 20003],
  ['a number that is none', { request: { to: '+1' } }, 21211],
  ['a calling number of somebody else', { request: { from: '+15550999' } }, 21210],
  ['a country that is not switched on', { behaviour: { geoPermissions: ['+44'] } }, 21215],
  ['a number that is blocked', { behaviour: { blockedNumbers: [to] } }, 21216],
  ['a trial account and a number not verified', { behaviour: { trial: true } }, 21219],
  ['an account with its calls used up', { behaviour: { concurrentCalls: 0 } }, 10004],
  [
    'too many requests',
    { behaviour: { rest: { kind: 'status', status: 429, body: 'json', processed: false, code: 20429 } } },
    20429,
  ],
] as const)('%s is refused in words', async (_, { ...given }, twilioCode) => {
  if ('behaviour' in given) Object.assign(network.behaviour, given.behaviour)
  if ('settings' in given) rest = createRest(given.settings)
  const error = await failure(rest.createCall({ ...request(), ...('request' in given ? given.request : {}) }, nobody))
  expect(error).toMatchObject({ code: 'twilio.rejected', details: { twilioCode } })
  expect(error.message).toContain(`(Twilio error ${twilioCode})`)
  expect(error.message).not.toContain('docs/errors')
  expect(network.calls).toEqual([])
})

test('an API key logs in', async () => {
  const [key] = network.account.apiKeys ?? []
  if (key === undefined) throw new Error('expected the network to have an API key')
  rest = createRest({ apiKey: key.sid, apiSecret: key.secret })
  expect(await run(rest.createCall(request(), nobody))).toMatchObject({ reconciled: false })
})

test('a call is ended while it rings and while it speaks; ending it again does no harm', async () => {
  for (const afterMs of [60_000, 100]) {
    const phone = network.phone(to, { answer: { afterMs } })
    const { callSid } = await run(rest.createCall({ ...request(), timeoutS: 90 }, nobody))
    await clock.advance(3000)
    expect(await run(rest.endCall(callSid))).toBe('ended')
    await run(phone.ended)
    expect(isTerminal((await run(rest.fetchCall(callSid))).status)).toBe(true)
    expect(['ended', 'already-over']).toContain(await run(rest.endCall(callSid)))
  }
})

test('an abort while the answer is late leaves no call alive', async () => {
  const abort = new AbortController()
  network.behaviour.rest = ({ method, path }) => {
    if (method !== 'POST' || !path.endsWith('/Calls.json')) return { kind: 'normal' }
    abort.abort()
    return { kind: 'late', delayMs: 2000 }
  }
  const error = await failure(rest.createCall(request(), { ...nobody, signal: abort.signal }))
  expect(error.code).toBe('call.ended')
  await run(settled())
  expect(network.calls.map(({ status }) => isTerminal(status))).toEqual([true])
})

test('20 calls at once have their own names', async () => {
  const numbers = Array.from({ length: 20 }, (_, i) => `+155502${String(i).padStart(2, '0')}`)
  const created = await run(Promise.all(numbers.map((number) => rest.createCall({ ...request(), to: number }, nobody))))
  const byNumber = new Map(network.calls.map((call) => [call.to, call.sid]))
  expect(created.map(({ callSid }) => callSid)).toEqual(numbers.map((number) => byNumber.get(number)))
})

function isStatus(parsed: object): parsed is StatusCallback {
  return 'kind' in parsed && parsed.kind === 'status'
}

/** The last call is over, and so are its callbacks. A phone that was busy never had a call that could end at it. */
async function over(): Promise<void> {
  const deadlineMs = clock.now() + 120_000
  while (!network.calls.at(-1)?.endedAtMs) {
    if (clock.now() > deadlineMs) throw new Error('expected the call to end')
    await settled()
  }
  await settled()
}

/** Simulated time enough for every callback that is under way. */
function settled(): Promise<void> {
  return new Promise((resolve) => void clock.after(2000, resolve))
}
