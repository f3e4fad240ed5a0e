import { getEventListeners } from 'node:events'
import { inspect } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { BridgeError } from '../../../../src/errors.ts'
import { createSteppedClock } from '../../../../src/simulator/clock.ts'
import { createAsyncSpeech } from '../../../../src/speech/async/provider.ts'
import { speakTo } from './line-fake.ts'
import { httpAnswer, type RawService, startRawService } from '../../wire/raw-service.ts'

const apiKey = 'sk_very/secret+key&=é'
const secrets = [apiKey, encodeURIComponent(apiKey), 'very/secret', 'very%2Fsecret', 'api_key=']

let service: RawService | undefined
afterEach(() => service?.close())

function settings(url: string) {
  return { url, apiKey, voiceId: 'voice', modelId: 'async_flash_v1.5' }
}

/** Whatever an error, an end or a log line holds, hidden fields, causes and stacks with it. */
function everythingIn(value: unknown): string {
  const stacks: string[] = []
  for (let error = value; error instanceof Error; error = error.cause) stacks.push(String(error.stack))
  return inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true }) + stacks.join('\n')
}

const answer = (...args: Parameters<typeof httpAnswer>) => ({
  upgrade: (tcp: { end: (text: string) => void }) => tcp.end(httpAnswer(...args)),
})
const key = { error_code: 'INVALID_API_KEY', message: `Invalid key ${apiKey}`, extra: { api_key: apiKey } }
const refusal = { code: 'speech.refused', retryable: false }

const failures: Record<string, { react: Parameters<typeof startRawService>[1]; error: object }> = {
  'HTTP 401 without a body': { react: answer(401), error: { ...refusal, message: /ASYNC_API_KEY/ } },
  'HTTP 401 with an error in detail': {
    react: answer(401, { detail: key }),
    error: { ...refusal, message: /ASYNC_API_KEY/, details: { asyncCode: 'INVALID_API_KEY' } },
  },
  'HTTP 401 with a flat error': {
    react: answer(401, key),
    error: { ...refusal, details: { asyncCode: 'INVALID_API_KEY' } },
  },
  'HTTP 401 with an endless body': {
    react: {
      upgrade: (tcp) => tcp.write(`HTTP/1.1 401 No\r\nContent-Length: 1000000000\r\n\r\n${'x'.repeat(100_000)}`),
    },
    error: refusal,
  },
  'HTTP 403': { react: answer(403, '<html>'), error: refusal },
  'HTTP 402': { react: answer(402), error: refusal },
  'HTTP 404 VERSION_NOT_FOUND': {
    react: answer(404, { detail: { error_code: 'VERSION_NOT_FOUND' } }),
    error: { ...refusal, message: /ASYNC_VERSION=v1/ },
  },
  'HTTP 404 of some other server': { react: answer(404), error: { ...refusal, message: /ASYNC_URL/ } },
  'HTTP 200': { react: answer(200, 'hello'), error: { ...refusal, message: /ASYNC_URL/ } },
  'a redirect': {
    react: answer(302, '', ['Location: http://127.0.0.1:1/']),
    error: { ...refusal, message: /ASYNC_URL/ },
  },
  'HTTP 429 of an account that is used up': {
    react: answer(429, { detail: { error_code: 'USAGE_LIMIT_EXCEEDED', extra: { limit: 1 } } }),
    error: { ...refusal, message: /allowance/ },
  },
  'HTTP 429 of a busy account': {
    react: answer(429, { error_code: 'RATE_LIMIT_EXCEEDED', extra: { retry_after_ms: 100 } }),
    error: { code: 'speech.busy', retryable: true, details: { retryAfterMs: 100 } },
  },
  'HTTP 500': {
    react: answer(500, { message: 'm', method: 'GET', url: `?api_key=${apiKey}` }),
    error: { code: 'speech.unavailable', retryable: true },
  },
  'an answer that is no HTTP': {
    react: { upgrade: (tcp) => tcp.end('what?\r\n\r\n') },
    error: { code: 'speech.unavailable' },
  },
  'a wrong websocket key': {
    react: {
      upgrade: (tcp) =>
        tcp.end(
          'HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n',
        ),
    },
    error: { code: 'speech.unavailable' },
  },
  'a reset': {
    react: { upgrade: (tcp) => tcp.resetAndDestroy() },
    error: { code: 'speech.unavailable', details: { cause: 'ECONNRESET' } },
  },
  'an orderly close at once': {
    react: { open: (socket) => socket.close(1008) },
    error: { ...refusal, message: /key or the plan/ },
  },
  'an orderly close at once, without a code': { react: { open: (socket) => socket.close() }, error: refusal },
  'an error frame at once': { react: { open: (socket) => socket.send(JSON.stringify(key)) }, error: refusal },
  'an error frame after the init, in detail': {
    react: { message: (socket) => socket.send(JSON.stringify({ detail: key })) },
    error: { ...refusal, message: /ASYNC_API_KEY/ },
  },
  'a voice that does not exist': {
    react: {
      message: (socket) => socket.send(JSON.stringify({ error_code: 'VOICE_NOT_FOUND', extra: { voice_id: 'v' } })),
    },
    error: { ...refusal, message: /ASYNC_VOICE_ID/ },
  },
  'a frame beyond all bounds': {
    react: { open: (socket) => socket.send(Buffer.alloc(17 * 1024 * 1024)) },
    error: { code: 'speech.lost' },
  },
}

test.each(Object.entries(failures))(
  'the key is in no error, end or log line after %s, and the error says what to do',
  async (_, { react, error }) => {
    const clock = createSteppedClock()
    service = await startRawService(clock, react)
    const logged: unknown[] = []
    const log = {
      warn: (...line: unknown[]) => void logged.push(line),
      debug: (...line: unknown[]) => void logged.push(line),
    }
    const session = createAsyncSpeech(settings(service.url), { clock }).open({
      signal: new AbortController().signal,
      log,
    })
    const heard = speakTo(session, ['One.'])
    const rejection = await clock.runUntil(
      session.ready.then(
        () => 'ready',
        (thrown: unknown) => thrown,
      ),
    )
    expect(rejection).toBeInstanceOf(BridgeError)
    expect(rejection).toMatchObject(error)
    expect(heard.ends).toHaveLength(1)
    await clock.runUntil(session.close())
    for (const secret of secrets) {
      expect(everythingIn(rejection)).not.toContain(secret)
      expect(everythingIn(heard.ends)).not.toContain(secret)
      expect(everythingIn(logged)).not.toContain(secret)
    }
  },
)

test('a port where nobody listens is unreachable, with the reason of the system', async () => {
  const clock = createSteppedClock()
  service = await startRawService(clock, {})
  await service.close()
  const session = createAsyncSpeech(settings(service.url), { clock }).open({ signal: new AbortController().signal })
  const rejection = await clock.runUntil(session.ready.catch((thrown: unknown) => thrown))
  expect(rejection).toMatchObject({ code: 'speech.unavailable', details: { cause: 'ECONNREFUSED' } })
  for (const secret of secrets) expect(everythingIn(rejection)).not.toContain(secret)
})

test('a handshake that is never answered is given up after 5 s and tried again', async () => {
  const clock = createSteppedClock()
  service = await startRawService(clock, { upgrade: () => {} })
  const began = clock.now()
  const session = createAsyncSpeech(settings(service.url), { clock }).open({ signal: new AbortController().signal })
  const rejection = await clock.runUntil(session.ready.catch((thrown: unknown) => thrown))
  expect(rejection).toMatchObject({ code: 'speech.unavailable' })
  expect(service.requests).toHaveLength(3)
  expect(clock.now() - began).toBe(5000 + 250 + 5000 + 500 + 5000)
  for (const secret of secrets) expect(everythingIn(rejection)).not.toContain(secret)
})

test('https means a secure websocket, and a server that has none is unreachable', async () => {
  const clock = createSteppedClock()
  service = await startRawService(clock, {})
  const session = createAsyncSpeech(settings(service.url.replace('http:', 'https:')), { clock }).open({
    signal: new AbortController().signal,
  })
  const rejection = await clock.runUntil(session.ready.catch((thrown: unknown) => thrown))
  expect(rejection).toMatchObject({ code: 'speech.unavailable' })
  expect(service.requests).toEqual([])
  for (const secret of secrets) expect(everythingIn(rejection)).not.toContain(secret)
})

test.each(['', 'api.async.com', 'ftp://x', 'http://', 'file:///etc/passwd'])('%j is no address of a service', (url) => {
  const open = () => createAsyncSpeech(settings(url), { clock: createSteppedClock() })
  expect(open).toThrow(
    expect.objectContaining({ code: 'config.invalid', message: expect.stringContaining('ASYNC_URL') as string }),
  )
})

test('the handshake asks for no compression, and carries the key and the version in the query', async () => {
  const clock = createSteppedClock()
  service = await startRawService(clock, {})
  const session = createAsyncSpeech({ ...settings(`${service.url}/`), language: 'de' }, { clock }).open({
    signal: new AbortController().signal,
  })
  await clock.runUntil(session.ready)
  const [request] = service.requests
  const url = new URL(request?.url ?? '', service.url)
  expect(url.pathname).toBe('/text_to_speech/websocket/ws')
  expect(Object.fromEntries(url.searchParams)).toEqual({ api_key: apiKey, version: 'v1' })
  expect(request?.headers['sec-websocket-extensions']).toBeUndefined()
  expect(service.messages.map((message) => JSON.parse(message) as unknown)).toEqual([
    {
      model_id: 'async_flash_v1.5',
      voice: { mode: 'id', id: 'voice' },
      output_format: { container: 'raw', encoding: 'pcm_mulaw', sample_rate: 8000 },
      language: 'de',
    },
  ])
  await clock.runUntil(session.close())
  expect(service.messages.slice(1)).toEqual(['{"terminate":true}'])
})

test('closing while the handshake is under way gives the socket back', async () => {
  const clock = createSteppedClock()
  const ended = Promise.withResolvers<void>()
  service = await startRawService(clock, {
    upgrade: (tcp) => void tcp.resume().once('end', () => ended.resolve()),
  })
  const session = createAsyncSpeech(settings(service.url), { clock }).open({ signal: new AbortController().signal })
  // Only when the raw server has seen the handshake is it under way.
  while (service.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
  await clock.runUntil(session.close())
  await ended.promise
  await expect(session.ready).rejects.toMatchObject({ code: 'call.ended' })
})

test('a service that does not answer the close is left after less than a second', async () => {
  const clock = createSteppedClock()
  service = await startRawService(clock, { open: (socket) => socket.pause() })
  const session = createAsyncSpeech(settings(service.url), { clock }).open({ signal: new AbortController().signal })
  await clock.runUntil(session.ready)
  const began = clock.now()
  await clock.runUntil(session.close())
  expect(clock.now() - began).toBe(900)
})

test('a closed session leaves no listener on the signal of its call', async () => {
  const clock = createSteppedClock()
  service = await startRawService(clock, {})
  const { signal } = new AbortController()
  const session = createAsyncSpeech(settings(service.url), { clock }).open({ signal })
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  await clock.runUntil(session.close())
  expect(getEventListeners(signal, 'abort')).toEqual([])
})
