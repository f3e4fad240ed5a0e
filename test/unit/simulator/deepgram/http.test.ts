import { expect, test } from 'vitest'
import type { DeepgramBehaviour } from '../../../../src/simulator/deepgram/behaviour.ts'
import type { Incident } from '../../../../src/simulator/deepgram/incidents.ts'
import type { DeepgramServiceOptions } from '../../../../src/simulator/deepgram/service.ts'
import { start, telephony } from './harness.ts'

interface Ask {
  readonly query?: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A service, and a client of its HTTP endpoint that knows the wire by heart. */
async function startHttp(behaviour: Partial<DeepgramBehaviour> = {}, options: DeepgramServiceOptions = {}) {
  const started = await start(behaviour, options)
  const { clock, service } = started

  async function answer({ query = `${telephony}&container=none`, body, headers = {} }: Ask) {
    const response = await fetch(`${service.url}/v1/speak?${query}`, {
      method: 'POST',
      headers: { authorization: `Token ${service.apiKey}`, 'content-type': 'application/json', ...headers },
      body: body ?? JSON.stringify({ text: 'Hello there.' }),
    })
    const pieces: Uint8Array[] = []
    let broken = false
    try {
      const chunks: AsyncIterable<Uint8Array> | never[] = response.body ?? []
      for await (const piece of chunks) pieces.push(piece)
    } catch {
      broken = true
    }
    const { status } = response
    return {
      status,
      type: response.headers.get('content-type'),
      headers: response.headers,
      body: Buffer.concat(pieces),
      broken,
    }
  }

  async function refusal(what: Ask) {
    const { status, body, headers } = await clock.runUntil(answer(what))
    const error = JSON.parse(body.toString()) as { err_code: string; err_msg: string; request_id: string }
    expect([headers.get('dg-error'), headers.get('dg-request-id')]).toEqual([error.err_msg, error.request_id])
    return [status, error.err_code, error.err_msg]
  }

  return { ...started, answer, ask: (what: Ask = {}) => clock.runUntil(answer(what)), refusal }
}

test('raw mu-law comes chunked, at its pace, byte for byte what was spoken', async () => {
  const { ask, clock, service } = await startHttp()
  const asked = await ask()
  expect([asked.status, asked.type, asked.headers.get('transfer-encoding')]).toEqual([
    200,
    'audio/mulaw;rate=8000',
    'chunked',
  ])
  expect(asked.body).toHaveLength(12 * 480)
  expect(service.spoken).toMatchObject([{ connection: 0, request: 1, text: 'Hello there.', model: 'aura-2-thalia-en' }])
  expect(asked.body).toEqual(Buffer.from(service.spoken[0]?.audio ?? []))
  // 150 ms and five times real time; how the last chunk falls is the seed's.
  expect(clock.now()).toBeGreaterThan(200)
  expect(clock.now()).toBeLessThan(150 + 720 / 5)
  expect(service.requests).toMatchObject([{ number: 1, status: 200, faults: [], body: { text: 'Hello there.' } }])
})

test('without container=none a WAV header stands before the same audio', async () => {
  const { ask } = await startHttp()
  const { body, type } = await ask({ query: telephony })
  expect([type, body.length, body.toString('latin1', 0, 4), body.toString('latin1', 8, 16)]).toEqual([
    'audio/wav',
    44 + 12 * 480,
    'RIFF',
    'WAVEfmt ',
  ])
  // mu-law, mono, 8,000 Hz, of unknown length.
  expect([body.readUInt16LE(20), body.readUInt16LE(22), body.readUInt32LE(24), body.readUInt32LE(40)]).toEqual([
    7, 1, 8000, 0xffff_ffff,
  ])
  expect(body.subarray(44)).toEqual((await ask()).body)
})

test.each([
  ['encoding=linear16&sample_rate=16000&container=none', 'audio/l16;rate=16000', 12 * 480 * 4],
  ['encoding=alaw&container=none', 'audio/alaw;rate=8000', 12 * 480],
  ['encoding=linear16', 'audio/wav', 44 + 12 * 480 * 6],
])('%s is %s', async (query, type, bytes) => {
  const { ask } = await startHttp()
  const asked = await ask({ query })
  expect([asked.type, asked.body.length]).toEqual([type, bytes])
})

test('plain text is text, and a charset does not matter', async () => {
  const { ask, service } = await startHttp()
  const asked = await ask({ body: 'Grüß Gott.', headers: { 'content-type': 'text/plain; charset=utf-8' } })
  expect([asked.status, asked.headers.get('dg-char-count')]).toEqual([200, '10'])
  expect(service.spoken[0]?.text).toBe('Grüß Gott.')
})

test.each([
  [{ headers: { authorization: 'Token wrong' } }, 401, 'INVALID_AUTH', 'bad-key'],
  [{ query: 'encoding=mulaw&sample_rate=24000' }, 400, 'UNSUPPORTED_AUDIO_FORMAT', 'bad-parameter'],
  [{ query: 'encoding=mulaw&container=ogg' }, 400, 'UNSUPPORTED_AUDIO_FORMAT', 'bad-parameter'],
  [{ query: '' }, 400, 'UNSUPPORTED_AUDIO_FORMAT', 'bad-parameter'],
  [{ query: `${telephony}&voice=x` }, 400, 'INVALID_QUERY_PARAMETER', 'unknown-parameter'],
  [{ body: '{"text":' }, 400, 'PAYLOAD_ERROR', 'not-json'],
  [{ body: '["text"]' }, 400, 'PAYLOAD_ERROR', 'not-json'],
  [{ body: '{}' }, 400, 'PAYLOAD_ERROR', 'missing-field'],
  [{ body: '{"text":"x","model":"y"}' }, 400, 'PAYLOAD_ERROR', 'unknown-field'],
  [{ body: '{"text":" "}' }, 400, 'Bad Request', 'empty-text'],
  [{ body: '', headers: { 'content-type': 'text/plain' } }, 400, 'Bad Request', 'empty-text'],
  [{ headers: { 'content-type': 'application/xml' } }, 415, 'UNSUPPORTED_MEDIA_TYPE', 'bad-media-type'],
  [{ body: JSON.stringify({ text: 'x'.repeat(2001) }) }, 413, 'PAYLOAD_TOO_LARGE', 'too-many-characters'],
] as const)('%j is refused with %i %s', async (what, status, code, fault) => {
  const { refusal, service } = await startHttp()
  expect(await refusal(what)).toEqual([status, code, expect.any(String)])
  expect(service.faults).toMatchObject([{ connection: 0, code: fault }])
  expect(service.requests.map((it) => it.status)).toEqual([status])
  expect(service.spoken).toEqual([])
})

test('2,000 characters are a request, and as many more as the switch allows', async () => {
  const { ask, refusal, service } = await startHttp({ deliveryRate: Number.POSITIVE_INFINITY })
  const of = (characters: number) => ({ body: JSON.stringify({ text: 'x'.repeat(characters) }) })
  expect((await ask(of(2000))).status).toBe(200)
  service.behaviour.httpCharacters = 2400
  expect((await ask(of(2400))).status).toBe(200)
  expect(await refusal(of(2401))).toEqual([413, 'PAYLOAD_TOO_LARGE', 'Payload Too Large'])
})

test('a body of more than 2 MB is refused with 413', async () => {
  const { refusal, service } = await startHttp()
  const body = JSON.stringify({ text: 'x', padding: ' '.repeat(6_000_000) })
  expect((await refusal({ body })).slice(0, 2)).toEqual([413, 'PAYLOAD_TOO_LARGE'])
  expect(service.requests).toMatchObject([{ body: undefined, faults: ['too-large'] }])
})

test('any other path or method is 404, with the error of the service', async () => {
  const { service } = await startHttp()
  for (const [method, path] of [
    ['GET', '/v1/speak'],
    ['POST', '/v2/speak'],
    ['GET', '/'],
  ] as const) {
    const response = await fetch(service.url + path, { method })
    expect([response.status, await response.json()]).toMatchObject([404, { err_code: 'NOT_FOUND' }])
  }
})

test.each([
  ['json', 'application/json', '{"err_code":'],
  ['unlabelled-json', 'audio/mulaw;rate=8000', '{"err_code":'],
  ['unlabelled-html', 'audio/mulaw;rate=8000', '<!doctype html>'],
] as const)('%s can come with status 200 instead of audio, as %s', async (httpBody, type, begins) => {
  const { ask } = await startHttp({ httpBody })
  const asked = await ask()
  expect([asked.status, asked.type, asked.body.toString().startsWith(begins)]).toEqual([200, type, true])
})

test('more requests than the limit get 429', async () => {
  const { answer, clock, service } = await startHttp({ httpConcurrencyLimit: 1 })
  const answers = await clock.runUntil(Promise.all([answer({}), answer({})]))
  expect(answers.map((it) => it.status).toSorted()).toEqual([200, 429])
  expect((await clock.runUntil(answer({}))).status).toBe(200)
  expect(service.requests).toHaveLength(3)
})

const at = (where: 'request' | 'body', what: Incident['what']): Partial<DeepgramBehaviour> => ({
  chunks: { kind: 'fixed', ms: 100 },
  incidents: [{ at: where, nth: where === 'body' ? 2 : 1, what }],
})

test('a body can be cut, by FIN or RST; or end cleanly and too soon', async () => {
  for (const what of [{ kind: 'drop' }, { kind: 'drop', reset: true }] as const) {
    const { ask } = await startHttp(at('body', what))
    const asked = await ask()
    expect([asked.broken, asked.body.length <= 1600]).toEqual([true, true])
  }
  const { ask, service } = await startHttp(at('body', { kind: 'close', code: 1000 }))
  const asked = await ask()
  expect([asked.broken, asked.body.length, service.spoken[0]?.audio.length]).toEqual([false, 1600, 1600])
})

test('JSON can stand amid the audio, or end it', async () => {
  const { ask: through } = await startHttp(at('body', { kind: 'frame', frame: 'unknown-json' }))
  const { body } = await through()
  expect(body.length).toBeGreaterThan(12 * 480)
  expect(body.toString('latin1', 1600, 1610)).toBe('{"type":"T')
  const { ask: ended } = await startHttp(at('body', { kind: 'error', code: 'X-1', message: 'Gone.' }))
  expect((await ended()).body.toString('latin1', 1600)).toBe('{"type":"Error","err_code":"X-1","err_msg":"Gone."}')
})

test.each(['stall', 'stuck'] as const)('a body can %s: what came is all, and it stays open', async (kind) => {
  const { ask, clock, service } = await startHttp(at('body', { kind }))
  const hanging = ask()
  hanging.catch(() => {})
  await expect(clock.advance(60_000).then(() => service.requests[0]?.status)).resolves.toBe(200)
  expect(service.spoken[0]?.audio).toHaveLength(1600)
  await service.close()
  expect((await hanging).broken).toBe(true)
})

test('a request can be refused with any status, dropped, or be answered never or with an odd body', async () => {
  const { refusal } = await startHttp(at('request', { kind: 'refuse', status: 503 }))
  expect(await refusal({})).toEqual([503, 'SERVICE_UNAVAILABLE', 'Service Unavailable'])
  for (const what of [{ kind: 'drop' }, { kind: 'drop', reset: true }, { kind: 'close', code: 1000 }] as const) {
    const { ask } = await startHttp(at('request', what))
    await expect(ask()).rejects.toThrow('fetch failed')
  }
  const { ask } = await startHttp(at('request', { kind: 'frame', frame: 'empty-binary' }))
  const asked = await ask()
  expect([asked.status, asked.type, asked.body.length]).toEqual([200, 'audio/mulaw;rate=8000', 0])
  const { answer, clock, service } = await startHttp(at('request', { kind: 'lose' }))
  const hanging = answer({})
  await clock.advance(3_600_000)
  expect(service.requests).toMatchObject([{ status: undefined }])
  await service.close()
  await expect(hanging).rejects.toThrow('fetch failed')
})

test('what is said on a socket has no meaning at a request', async () => {
  const { ask } = await startHttp(at('request', { kind: 'warning', code: 'X' }))
  expect((await ask()).body).toHaveLength(12 * 480)
})

test('a voice that fails before its first byte is a 500, later the body breaks off', async () => {
  const failing = (pieces: number) => ({
    voice: async function* () {
      for (let i = 0; i < pieces; i++) yield new Uint8Array(8000)
      throw new Error('no voice today')
    },
  })
  const { refusal } = await startHttp({}, failing(0))
  expect((await refusal({})).slice(0, 2)).toEqual([500, 'INTERNAL_SERVER_ERROR'])
  const { ask } = await startHttp({}, failing(2))
  expect(await ask()).toMatchObject({ status: 200, broken: true })
})

test('the voice is stopped when the client goes', async () => {
  let aborted = false
  const { clock, service } = await startHttp(
    { deliveryRate: 1 },
    {
      voice: async function* (_text, { signal }) {
        signal.addEventListener('abort', () => (aborted = true))
        for (;;) yield new Uint8Array(800).fill(0x20)
      },
    },
  )
  const gone = new AbortController()
  const asking = fetch(`${service.url}/v1/speak?${telephony}&container=none`, {
    method: 'POST',
    headers: { authorization: `Token ${service.apiKey}`, 'content-type': 'text/plain' },
    body: 'Endless.',
    signal: gone.signal,
  })
  await clock.runUntil(asking)
  gone.abort()
  await clock.advance(1000)
  expect(aborted).toBe(true)
})
