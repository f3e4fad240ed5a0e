import { createServer, type AddressInfo } from 'node:net'
import { createServer as createHttpServer, type ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSteppedClock } from '../../src/simulator/clock.ts'
import type { BridgeError } from '../../src/errors.ts'
import { createTwilioRest, type TwilioRest } from '../../src/twilio/rest.ts'
import type { TwilioRestSettings } from '../../src/twilio/rest-client.ts'
import { answer, refuse, startTwilioApi } from './twilio-api.ts'
import { failure as failureOf } from '../failure.ts'

const to = '+15550123'
const from = '+15550100'
const authToken = 'secret-auth-token-0123456789'
const apiSecret = 'secret-api-secret-0123456789'
const request = { to, from, twiml: '<Response/>', statusCallbackUrl: 'https://example.com/twilio/status' }
const nobody = { isKnownCall: () => false }

let clock: ReturnType<typeof createSteppedClock>
let api: Awaited<ReturnType<typeof startTwilioApi>>
let rest: TwilioRest
let logged: unknown[]

function createRest(settings: Partial<TwilioRestSettings> = {}): TwilioRest {
  const log = { warn: (...line: unknown[]) => void logged.push(line), debug: () => {} }
  return createTwilioRest({ accountSid: api.accountSid, authToken, apiUrl: api.url, ...settings }, { clock, log })
}

beforeEach(async () => {
  clock = createSteppedClock()
  api = await startTwilioApi(clock)
  logged = []
  rest = createRest()
})

afterEach(() => api.close())

/** Runs on the stepped clock, so that the waits cost nothing. */
function run<T>(work: Promise<T>): Promise<T> {
  return clock.runUntil(work)
}

function failure(work: Promise<unknown>): Promise<BridgeError> {
  return run(failureOf(work))
}

function expectNothingLeaks(value: unknown): void {
  const text = inspect(value, { depth: 10, showHidden: true, maxStringLength: null })
  for (const secret of [
    authToken,
    apiSecret,
    '5550123',
    '5550100',
    Buffer.from(`${api.accountSid}:${authToken}`).toString('base64').slice(0, -4),
    Buffer.from(`SK1:${apiSecret}`).toString('base64').slice(0, -4),
  ])
    expect(text).not.toContain(secret)
}

test('a call is created with what was asked, and with Basic authorisation', async () => {
  const created = await run(
    rest.createCall(
      {
        ...request,
        timeoutS: 25,
        timeLimitS: 600,
        machineDetection: 'DetectMessageEnd',
        amdCallbackUrl: 'https://example.com/twilio/amd',
      },
      nobody,
    ),
  )
  expect(created).toEqual({ callSid: api.calls[0]?.sid, status: 'queued', reconciled: false })
  const [received] = api.requests
  expect([...(received?.form ?? [])]).toEqual(
    expect.arrayContaining([
      ['To', to],
      ['From', from],
      ['Twiml', '<Response/>'],
      ['Timeout', '25'],
      ['TimeLimit', '600'],
      ['StatusCallback', 'https://example.com/twilio/status'],
      ['MachineDetection', 'DetectMessageEnd'],
      ['AsyncAmd', 'true'],
      ['AsyncAmdStatusCallback', 'https://example.com/twilio/amd'],
    ]),
  )
  expect(received?.form.getAll('StatusCallbackEvent')).toEqual(['initiated', 'ringing', 'answered', 'completed'])
  expect(received?.form.has('Url')).toBe(false)
  expect(received?.authorization).toBe(`Basic ${Buffer.from(`${api.accountSid}:${authToken}`).toString('base64')}`)
})

test('instructions by URL are sent as a URL, and what is not asked is not sent', async () => {
  const { twiml: _, ...rest1 } = request
  await run(rest.createCall({ ...rest1, url: 'https://example.com/twilio/voice', sendDigits: 'wW1#' }, nobody))
  expect([...(api.requests[0]?.form.keys() ?? [])].toSorted()).toEqual([
    'From',
    'SendDigits',
    'StatusCallback',
    'StatusCallbackEvent',
    'StatusCallbackEvent',
    'StatusCallbackEvent',
    'StatusCallbackEvent',
    'To',
    'Url',
  ])
})

test('an API key logs in instead of the token', async () => {
  await run(createRest({ apiKey: 'SK1', apiSecret }).createCall(request, nobody))
  expect(api.requests[0]?.authorization).toBe(`Basic ${Buffer.from(`SK1:${apiSecret}`).toString('base64')}`)
})

test.each([
  [{}, 'api.twilio.com'],
  [{ region: 'ie1', edge: 'dublin' }, 'api.dublin.ie1.twilio.com'],
])('with the settings %o Twilio is found at %s, whatever the environment says', async (settings, host) => {
  const asked: string[] = []
  const proxy = createHttpServer().on('connect', (connect, socket) => {
    asked.push(connect.url ?? '')
    socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
  vi.stubEnv('TWILIO_REGION', 'au1')
  vi.stubEnv('TWILIO_EDGE', 'sydney')
  try {
    const error = await failure(
      createRest({ apiUrl: 'https://api.twilio.com', ...settings }).createCall(request, nobody),
    )
    expect(error).toMatchObject({ code: 'twilio.rejected', details: { httpStatus: 403 } })
    expect(asked).toEqual([`${host}:443`])
    expectNothingLeaks(error)
  } finally {
    vi.unstubAllEnvs()
    proxy.closeAllConnections()
    await new Promise((resolve) => proxy.close(resolve))
  }
})

test('a proxy or certificate setting of the machine that cannot be used is told before anything is sent', async () => {
  vi.stubEnv('TWILIO_CA_BUNDLE', '/nowhere/ca.pem')
  try {
    expect(await failure(createRest().createCall(request, nobody))).toMatchObject({ code: 'config.invalid' })
  } finally {
    vi.unstubAllEnvs()
  }
  expect(api.requests).toEqual([])
})

test.each([
  ['a region alone', { region: 'ie1' }],
  ['an edge alone', { edge: 'dublin' }],
  ['region and edge for an emulator', { region: 'ie1', edge: 'dublin' }],
  ['an API key alone', { apiKey: 'SK1' }],
  ['an API secret alone', { apiSecret }],
  ['an account that is none', { accountSid: 'SK0123456789abcdef0123456789abcdef' }],
  ['an empty token', { authToken: '' }],
  ['an API that is not encrypted', { apiUrl: 'http://api.example.com' }],
  ['an API address with a password', { apiUrl: 'https://a:b@api.example.com' }],
  ['an API address that is none', { apiUrl: 'api.twilio.com' }],
])('%s is a setting that cannot be', (_, settings) => {
  const make = () => createRest(settings)
  expect(make).toThrow(expect.objectContaining({ code: 'config.invalid' }))
  expect(make).not.toThrow(apiSecret)
})

test('settings of Twilio itself are fine: default address, region with edge, empty values', () => {
  for (const apiUrl of ['https://api.twilio.com', 'https://api.twilio.com/'])
    for (const more of [
      {},
      { region: 'ie1', edge: 'dublin' },
      { region: '', edge: '', apiKey: '', apiSecret: undefined },
    ])
      expect(() => createRest({ apiUrl, ...more })).not.toThrow()
})

test.each([
  [401, 20003, 'TWILIO_AUTH_TOKEN'],
  [400, 21211, 'country code'],
  [400, 21215, 'Geo permissions'],
  [400, 21219, 'Verify'],
  [400, 10004, 'customer profile'],
  [400, 29999, 'docs/errors/29999'],
])('a refusal with HTTP %i and code %i is told in words, once, and without the number', async (status, code, words) => {
  api.onCreate = (_, response) => refuse(response, status, code)
  const error = await failure(rest.createCall(request, nobody))
  expect(error).toMatchObject({ code: 'twilio.rejected', details: { twilioCode: code, httpStatus: status } })
  expect(error.message).toContain(words)
  expect(api.creates()).toBe(1)
  expectNothingLeaks([error, logged])
})

test('429 is tried again by the client itself, and told when it does not pass', async () => {
  let left = 2
  api.onCreate = (_, response, dial) => {
    if (left-- > 0) return refuse(response, 429, 20429)
    answer(response, 201, { sid: dial().sid, status: 'queued' })
  }
  expect(await run(rest.createCall(request, nobody))).toMatchObject({ reconciled: false })
  expect(api.creates()).toBe(3)
  left = 9
  const error = await failure(rest.createCall(request, nobody))
  expect(error).toMatchObject({ code: 'twilio.rejected', retryable: true, details: { twilioCode: 20429 } })
  expect(api.creates()).toBe(7)
  expect(api.calls).toHaveLength(1)
})

/** What may happen to an answer after the request has been carried out, or not. */
const losses: Record<string, (response: ServerResponse) => void> = {
  'a reset connection': (response) => void response.destroy(),
  'half an answer': (response) => {
    response.writeHead(201, { 'content-length': '200' }).write('{"sid":')
    setTimeout(() => response.destroy(), 5)
  },
  'no answer in time': () => {},
  'an error inside Twilio': (response) => refuse(response, 500, 20500),
  'a 502 in HTML': (response) => void response.writeHead(502, { 'content-type': 'text/html' }).end(`<html>${to}`),
  'an empty 503': (response) => void response.writeHead(503).end(),
  'a 201 without a body': (response) => void response.writeHead(201).end(),
  'a 201 in HTML': (response) => void response.writeHead(201).end(`<html>${to} ${authToken}`),
  'a 201 that says null': (response) =>
    void response.writeHead(201, { 'content-type': 'application/json' }).end('null'),
  'a 201 that is no call': (response) =>
    void response.writeHead(201, { 'content-type': 'application/json' }).end('{"sid":"x","status":"queued"}'),
}

test.each(Object.entries(losses))('after %s the call is found again, and nobody is dialled twice', async (_, lose) => {
  rest = createRest({ timeoutMs: 150 })
  api.listLagMs = 1000
  api.dial(to, from, clock.now() - 3_600_000).status = 'completed'
  api.onCreate = (_request, response, dial) => {
    dial()
    lose(response)
  }
  const created = await run(rest.createCall(request, nobody))
  expect(created).toEqual({ callSid: api.calls[1]?.sid, status: 'queued', reconciled: true })
  expect(api.creates()).toBe(1)
  expectNothingLeaks(logged)
})

test.each(Object.entries(losses))('after %s a call that is not found is not dialled again', async (_, lose) => {
  rest = createRest({ timeoutMs: 150 })
  api.onCreate = (_request, response) => lose(response)
  const error = await failure(rest.createCall(request, nobody))
  expect(error).toMatchObject({ code: 'twilio.create-unknown', retryable: false })
  expect(error.message).toMatch(/not dialled again/)
  expect(api.creates()).toBe(1)
  expectNothingLeaks([error, logged])
})

test('when the list cannot be read either, the error says so', async () => {
  api.onCreate = (_, response) => void response.destroy()
  api.onList = (_, response) => void response.destroy()
  const error = await failure(rest.createCall(request, nobody))
  expect(error).toMatchObject({ code: 'twilio.create-unknown', details: { looks: 0 } })
  expect(error.message).toContain('could not be read')
  expectNothingLeaks([error, logged])
})

test('a status callback that came before the answer tells which call it is', async () => {
  api.onCreate = (_, response, dial) => {
    dial()
    response.destroy()
  }
  api.listLagMs = 60_000
  const callSid = 'CA0123456789abcdef0123456789abcdef'
  const created = await run(rest.createCall(request, { ...nobody, earlyCallSid: () => callSid }))
  expect(created).toEqual({ callSid, status: 'initiated', reconciled: true })
})

test('of two unknown calls the newest is kept and the other is ended', async () => {
  api.onCreate = (_, response, dial) => {
    dial()
    dial().createdAtMs += 1000
    response.destroy()
  }
  const created = await run(rest.createCall(request, nobody))
  expect(created.callSid).toBe(api.calls[1]?.sid)
  expect(api.calls.map(({ status }) => status)).toEqual(['completed', 'queued'])
})

test('a call that is known is not taken for the lost one, and not ended', async () => {
  const known = api.dial(to, from)
  api.onCreate = (_, response) => void response.destroy()
  const error = await failure(rest.createCall(request, { isKnownCall: (callSid) => callSid === known.sid }))
  expect(error.code).toBe('twilio.create-unknown')
  expect(known.status).toBe('queued')
})

test('two creates between the same numbers never take each other for lost', async () => {
  let first = true
  api.onCreate = (_, response, dial) => {
    const { sid } = dial()
    if (first) response.destroy()
    // Late enough for the first one to look at the list meanwhile, were it not done yet.
    else clock.after(2000, () => answer(response, 201, { sid, status: 'queued' }))
    first = false
  }
  const [a, b] = await run(Promise.all([rest.createCall(request, nobody), rest.createCall(request, nobody)]))
  expect([a.callSid, b.callSid]).toEqual([api.calls[0]?.sid, api.calls[1]?.sid])
  expect([a.reconciled, b.reconciled]).toEqual([true, false])
  expect(api.calls.map(({ status }) => status)).toEqual(['queued', 'queued'])
})

test('a lost create right after a confirmed one does not take that one', async () => {
  await run(rest.createCall(request, nobody))
  api.onCreate = (_, response) => void response.destroy()
  expect((await failure(rest.createCall(request, nobody))).code).toBe('twilio.create-unknown')
})

test('creates to different numbers do not wait for each other', async () => {
  let release: (() => void) | undefined
  api.onCreate = (received, response, dial) => {
    const call = dial()
    const send = () => answer(response, 201, { sid: call.sid, status: 'queued' })
    if (received.form.get('To') === to) release = send
    else send()
  }
  const slow = rest.createCall(request, nobody)
  await run(rest.createCall({ ...request, to: '+15550124' }, nobody))
  await expect.poll(() => release).toBeDefined()
  release?.()
  expect((await run(slow)).reconciled).toBe(false)
})

test('a connection that is refused is tried three times, and then told', async () => {
  const port = await unusedPort()
  rest = createRest({ apiUrl: `http://127.0.0.1:${port}` })
  const begunAtMs = clock.now()
  const error = await failure(rest.createCall(request, nobody))
  expect(error).toMatchObject({ code: 'twilio.unreachable', retryable: true, details: { reason: 'ECONNREFUSED' } })
  expect(clock.now() - begunAtMs).toBe(1300)
  expectNothingLeaks(error)
})

test('a connection that is refused at first and then made dials once', async () => {
  const port = await unusedPort()
  rest = createRest({ apiUrl: `http://127.0.0.1:${port}` })
  let late: typeof api | undefined
  // During the wait after the first try, which found nothing at the port.
  clock.after(200, () => {
    const letGo = clock.hold()
    void startTwilioApi(clock, port).then((started) => {
      late = started
      letGo()
    })
  })
  expect(await run(rest.createCall(request, nobody))).toMatchObject({ reconciled: false })
  expect(late?.creates()).toBe(1)
  await late?.close()
})

test('a name that does not resolve means that nobody was dialled', async () => {
  rest = createRest({ apiUrl: 'https://nowhere.invalid' })
  const error = await failure(rest.createCall(request, nobody))
  expect(error.code).toBe('twilio.unreachable')
  expect(error.details['reason']).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/)
})

test('the official client leaves the host of an API of our own as it is', async () => {
  // Two labels: the client would make `localhost.test` into `localhost.test.localhost.test`.
  const { createRestClient } = await import('../../src/twilio/rest-client.ts')
  const client = createRestClient({ accountSid: api.accountSid, authToken, apiUrl: 'https://nowhere.invalid' })
  const thrown: unknown = await client.fetch(`CA${'0'.repeat(32)}`).catch((error: unknown) => error)
  expect(inspect(thrown, { depth: 3 })).not.toContain('nowhere.invalid.nowhere')
})

test('nothing is sent after an abort', async () => {
  const error = await failure(rest.createCall(request, { ...nobody, signal: AbortSignal.abort() }))
  expect(error.code).toBe('call.ended')
  expect(api.requests).toEqual([])
})

test('a call that comes about after the abort is ended, also when its answer was lost', async () => {
  for (const lose of [false, true]) {
    const abort = new AbortController()
    api.onCreate = (_, response, dial) => {
      abort.abort()
      const call = dial()
      if (lose) response.destroy()
      else answer(response, 201, { sid: call.sid, status: 'queued' })
    }
    const error = await failure(rest.createCall(request, { ...nobody, signal: abort.signal }))
    expect(error).toMatchObject({ code: 'call.ended', details: { callSid: api.calls.at(-1)?.sid } })
    expect(api.calls.at(-1)?.status).toBe('completed')
  }
})

test('an abort while waiting for a connection ends the tries', async () => {
  rest = createRest({ apiUrl: `http://127.0.0.1:${await unusedPort()}` })
  const abort = new AbortController()
  clock.after(100, () => abort.abort())
  const begunAtMs = clock.now()
  expect((await failure(rest.createCall(request, { ...nobody, signal: abort.signal }))).code).toBe('call.ended')
  expect(clock.now() - begunAtMs).toBe(300)
})

test('an abort that cannot end its call says which call that is', async () => {
  const abort = new AbortController()
  api.onCreate = (_, response, dial) => {
    abort.abort()
    answer(response, 201, { sid: dial().sid, status: 'queued' })
  }
  api.onUpdate = (_, response) => void response.destroy()
  const error = await failure(rest.createCall(request, { ...nobody, signal: abort.signal }))
  expect(error).toMatchObject({ code: 'twilio.unreachable', details: { callSid: api.calls[0]?.sid } })
})

test('numbers that are missing and instructions that are too long are refused unsent', async () => {
  expect((await failure(rest.createCall({ ...request, to: '' }, nobody))).code).toBe('number.invalid')
  const long = await failure(rest.createCall({ ...request, twiml: 'x'.repeat(4001) }, nobody))
  expect(long.details).toMatchObject({ twilioCode: 32018 })
  expect(api.requests).toEqual([])
})

test('a call is ended, and one that is over is no error', async () => {
  const call = api.dial(to, from)
  expect(await run(rest.endCall(call.sid))).toBe('ended')
  expect([...(api.requests[0]?.form ?? [])]).toEqual([['Status', 'completed']])
  expect(await run(rest.endCall(`CA${'f'.repeat(32)}`))).toBe('already-over')
  api.onUpdate = (_, response) => refuse(response, 400, 21220)
  expect(await run(rest.endCall(call.sid))).toBe('already-over')
})

test('ending is tried three times, whatever became of the answers', async () => {
  const call = api.dial(to, from)
  let left = 2
  const { onUpdate } = api
  api.onUpdate = (received, response, found) => {
    if (left-- > 0) response.destroy()
    else onUpdate(received, response, found)
  }
  expect(await run(rest.endCall(call.sid))).toBe('ended')
  expect(api.requests).toHaveLength(3)
  left = 9
  const error = await failure(rest.endCall(call.sid))
  expect(error.code).toBe('twilio.unreachable')
  expectNothingLeaks(error)
})

test('a call that was just created and is not readable yet is ended all the same', async () => {
  const { callSid } = await run(rest.createCall(request, nobody))
  let left = 1
  const { onUpdate } = api
  api.onUpdate = (received, response, call) =>
    left-- > 0 ? refuse(response, 404, 20404) : onUpdate(received, response, call)
  expect(await run(rest.endCall(callSid))).toBe('ended')
  expect(api.calls[0]?.status).toBe('completed')
})

test('a refusal to end is told', async () => {
  api.onUpdate = (_, response) => refuse(response, 401, 20003)
  const error = await failure(rest.endCall(api.dial(to, from).sid))
  expect(error.details).toEqual({ twilioCode: 20003, httpStatus: 401 })
  expectNothingLeaks(error)
})

test('what the API knows of a call', async () => {
  const call = api.dial(to, from)
  call.status = 'completed'
  expect(await run(rest.fetchCall(call.sid))).toEqual({ status: 'completed', answeredBy: 'human', durationS: 61 })
  api.onFetch = (_, response) =>
    void response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ sid: call.sid, status: 'ringing', duration: null }))
  expect(await run(rest.fetchCall(call.sid))).toStrictEqual({ status: 'ringing' })
})

test('a call nobody knows, and a name that is none, are not found', async () => {
  expect((await failure(rest.fetchCall(`CA${'f'.repeat(32)}`))).code).toBe('call.not-found')
  for (const name of ['', 'x', '../Messages', `CA${'f'.repeat(31)}/`]) {
    expect((await failure(rest.fetchCall(name))).code).toBe('call.not-found')
    expect((await failure(rest.endCall(name))).code).toBe('call.not-found')
  }
  expect(api.requests).toHaveLength(1)
})

test('a status that Twilio invents is not taken for one we know', async () => {
  const call = api.dial(to, from)
  call.status = 'daydreaming'
  expect((await failure(rest.fetchCall(call.sid))).code).toBe('twilio.unreachable')
})

async function unusedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
