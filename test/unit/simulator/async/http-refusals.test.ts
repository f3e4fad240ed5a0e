import { describe, expect, test } from 'vitest'
import { type Ask, json, mulaw, startHttp } from './http.ts'

const error = (code: string, extra: unknown = null) => ({
  detail: { error_code: code, message: expect.any(String), extra },
})

test.each<[string, number, string, Ask]>([
  ['no key', 401, 'INVALID_API_KEY', { headers: { 'x-api-key': undefined } }],
  ['another version', 404, 'VERSION_NOT_FOUND', { headers: { version: 'v2' } }],
  ['a text that is no JSON', 400, 'INVALID_REQUEST', { text: '{' }],
  ['JSON that is no object', 400, 'INVALID_REQUEST', { text: '[]' }],
  ['no transcript', 400, 'INVALID_REQUEST', { fields: { transcript: undefined } }],
  ['a transcript of blanks', 400, 'INVALID_REQUEST', { fields: { transcript: '  ' } }],
  ['a transcript that is no text', 400, 'INVALID_REQUEST', { fields: { transcript: ['a'] } }],
  ['no format', 400, 'INVALID_REQUEST', { fields: { output_format: undefined } }],
  ['no model', 400, 'INVALID_REQUEST', { fields: { model_id: undefined } }],
  ['an unknown model', 404, 'MODEL_NOT_FOUND', { fields: { model_id: 'async_flash_v9' } }],
  ['a language that the model does not speak', 400, 'INVALID_LANGUAGE', { fields: { language: 'nl' } }],
  [
    'MP3, which is not emulated',
    400,
    'FORMAT_NOT_RECOGNIZED',
    { fields: { output_format: { ...mulaw, container: 'mp3' } } },
  ],
  [
    'WAV where it is streamed',
    400,
    'FORMAT_NOT_RECOGNIZED',
    { fields: { output_format: { ...mulaw, container: 'wav' } } },
  ],
  ['mu-law where it is whole', 400, 'FORMAT_NOT_RECOGNIZED', { endpoint: '', fields: { output_format: mulaw } }],
  [
    'mu-law with times',
    400,
    'FORMAT_NOT_RECOGNIZED',
    { endpoint: '/with_timestamps', fields: { output_format: mulaw } },
  ],
  ['a speed out of its range', 400, 'INVALID_REQUEST', { fields: { speed_control: 2.1 } }],
  ['a stability out of its range', 400, 'INVALID_REQUEST', { fields: { stability: -1 } }],
  ['a text of more than a megabyte', 400, 'INVALID_REQUEST', { text: `"${'x'.repeat(1_100_000)}"` }],
])('%s is refused with %i %s, and is a fault', async (_what, status, code, ask) => {
  const { service, ...client } = await startHttp()
  const asked = await client.ask(ask)
  expect([asked.status, asked.type]).toEqual([status, 'application/json'])
  expect(json(asked)).toMatchObject({ detail: { error_code: code } })
  expect(service.faults.length).toBeGreaterThan(0)
  expect(service.faults[0]?.connection).toBe(0)
  expect(service.requests[0]?.status).toBe(status)
  expect(service.spoken).toEqual([])
})

test('a wrong key is shown shortened in extra, and nowhere else', async () => {
  const { ask, service } = await startHttp()
  const asked = await ask({ headers: { 'x-api-key': 'sk_wrong_key_9999' } })
  expect(json(asked)).toEqual(error('INVALID_API_KEY', { api_key: 'sk_…9999' }))
  expect(JSON.stringify([service.faults, service.requests])).not.toContain('sk_wrong')
})

test('a key in the query is no key, and a header may be written in any case', async () => {
  const { service } = await startHttp()
  const url = `${service.url}/text_to_speech/streaming?api_key=${service.apiKey}`
  expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401)
  const headers = { 'X-Api-Key': service.apiKey, Version: 'v1' }
  expect((await fetch(url, { method: 'POST', headers, body: '{}' })).status).toBe(400)
})

test('a voice that does not exist is named in extra', async () => {
  const { ask } = await startHttp()
  const id = '00000000-0000-4000-8000-000000000000'
  expect(json(await ask({ fields: { voice: { mode: 'id', id } } }))).toEqual(error('VOICE_NOT_FOUND', { voice_id: id }))
})

test('a missing version works and is a fault, or as a switch is refused', async () => {
  const { ask, service } = await startHttp()
  const withoutVersion = { headers: { version: undefined } }
  expect((await ask(withoutVersion)).status).toBe(200)
  service.behaviour.httpMissingVersion = 'refuse'
  expect(json(await ask(withoutVersion))).toEqual(error('VERSION_NOT_FOUND'))
  expect(service.faults.map((fault) => fault.code)).toEqual(['no-version', 'no-version'])
})

test('errors come wrapped, or as a switch flat', async () => {
  const { ask } = await startHttp({ httpErrorForm: 'flat' })
  const flat = { error_code: 'INVALID_LANGUAGE', message: expect.any(String), extra: null }
  expect(json(await ask({ fields: { language: 'nl' } }))).toEqual(flat)
})

test('what does not stream may be for flash v1.0 only', async () => {
  const { ask, service } = await startHttp()
  const pro = { model_id: 'async_pro_v1.0' }
  expect((await ask({ endpoint: '', fields: pro })).status).toBe(200)
  service.behaviour.httpModels = 'flash-v1.0'
  expect((await ask({ endpoint: '', fields: pro })).status).toBe(404)
  expect((await ask({ endpoint: '/with_timestamps', fields: pro })).status).toBe(404)
  expect((await ask({ fields: pro })).status).toBe(200)
  expect((await ask({ endpoint: '' })).status).toBe(200)
})

test('what is tolerated is a fault all the same', async () => {
  const { ask, service } = await startHttp()
  await ask({ fields: { normalize: true } })
  await ask({ fields: { model_id: 'async_pro_v1.0', stability: 50 } })
  await ask({ fields: { transcript: 'Hello <b>you</b>' } })
  await ask({ fields: { speed_control: 0.7, stability: 100 } })
  await ask({ headers: { 'content-type': 'text/plain' } })
  expect(service.requests.map((request) => [request.status, ...request.faults])).toEqual([
    [200, 'unknown-field'],
    [200, 'unknown-field'],
    [200, 'unknown-markup'],
    [200],
    [200, 'wrong-type'],
  ])
})

test('requests and sockets share the limit: one more is 429', async () => {
  const { ask, clock, connect, request, service } = await startHttp({ concurrencyLimit: 2, deliveryRate: 1 })
  const socket = connect()
  await clock.runUntil(socket.opened)
  const running = await clock.runUntil(request({ fields: { transcript: 'x'.repeat(100) } }))
  const refused = await ask()
  expect(refused.status).toBe(429)
  expect(json(refused)).toEqual(error('TOO_MANY_CONCURRENT_REQUESTS', { limit: 2, current: 3 }))
  const second = connect()
  await clock.runUntil(second.closed)
  expect(second.errors()).toEqual(['TOO_MANY_CONCURRENT_REQUESTS'])
  await clock.runUntil(running.arrayBuffer())
  expect((await ask()).status).toBe(200)
  expect(service.requests.map((seen) => seen.status)).toEqual([200, 429, 200])
})

test('other methods and paths are 404', async () => {
  const { service } = await startHttp()
  const headers = { 'x-api-key': service.apiKey, version: 'v1' }
  for (const path of ['/text_to_speech', '/text_to_speech/streaming', '/text_to_speech/with_timestamps'])
    expect((await fetch(service.url + path, { headers })).status).toBe(404)
  expect((await fetch(`${service.url}/text_to_speech/`, { method: 'POST', headers, body: '{}' })).status).toBe(404)
  expect(service.requests).toEqual([])
})

describe('incidents', () => {
  test.each([
    ['INVALID_LANGUAGE', 400, null],
    ['FORMAT_NOT_RECOGNIZED', 400, null],
    ['VOICE_FIELD_UPDATE_NOT_ALLOWED', 400, { field: 'gender' }],
    ['SHORT_SPEECH_DURATION', 400, null],
    ['BAD_SPEECH_QUALITY', 400, null],
    ['VOICE_CLONE_LIMIT_EXCEEDED', 400, null],
    ['INVALID_API_KEY', 401, { api_key: 'sk_…' }],
    ['VOICE_NOT_FOUND', 404, { voice_id: '' }],
    ['VERSION_NOT_FOUND', 404, null],
    ['VOICE_PREVIEW_NOT_FOUND', 404, null],
    ['TOKEN_NOT_FOUND', 404, null],
    ['FILE_TOO_LARGE', 413, null],
    ['TOO_MANY_CONCURRENT_REQUESTS', 429, { limit: 5, current: 7 }],
    ['RATE_LIMIT_EXCEEDED', 429, { limit: 120, retry_after_ms: 8500 }],
    ['USAGE_LIMIT_EXCEEDED', 429, { limit: 1_000_000, current: 1_250_000 }],
  ] as const)('%s is answered with %i and its documented extra', async (code, status, extra) => {
    const { ask } = await startHttp({ incidents: [{ at: 'request', nth: 2, what: { kind: 'error', code } }] })
    expect((await ask()).status).toBe(200)
    const asked = await ask()
    expect(asked.status).toBe(status)
    expect(json(asked)).toEqual(error(code, extra))
    expect((await ask()).status).toBe(200)
  })

  test('a request may be dropped, reset or closed on, and the next is answered', async () => {
    const { ask, service } = await startHttp()
    for (const what of [{ kind: 'drop' }, { kind: 'drop', reset: true }, { kind: 'close', code: 1000 }] as const) {
      service.behaviour.incidents = [{ at: 'request', what }]
      await expect(ask()).rejects.toThrow('fetch failed')
    }
    service.behaviour.incidents = []
    expect((await ask()).status).toBe(200)
    expect(service.requests.map((request) => request.status)).toEqual([undefined, undefined, undefined, 200])
  })

  test('a request may never be answered', async () => {
    const { clock, request } = await startHttp({ incidents: [{ at: 'request', what: { kind: 'stall' } }] })
    let answered = false
    request({}).then(
      () => {
        answered = true
      },
      () => {},
    )
    await clock.advance(600_000)
    expect(answered).toBe(false)
  })

  test('a request may be answered with something odd', async () => {
    const what = { kind: 'frame', frame: 'malformed-json' } as const
    const { ask } = await startHttp({ incidents: [{ at: 'request', what }] })
    const asked = await ask()
    expect([asked.status, asked.type]).toEqual([200, 'application/json'])
    expect(() => json(asked)).toThrow()
  })

  test('a body may break off behind its second chunk', async () => {
    for (const reset of [false, true]) {
      const incidents = [{ at: 'body', nth: 2, what: { kind: 'drop', reset } }] as const
      const { ask, service } = await startHttp({ incidents })
      const asked = await ask()
      expect(asked.status).toBe(200)
      expect(asked.broken).toBeInstanceOf(Error)
      expect(asked.body.length).toBeLessThanOrEqual(3200)
      expect(service.spoken[0]?.audio.length).toBe(3200)
    }
  })

  test('a body may stall behind its second chunk, of one request only', async () => {
    const { ask, clock, request } = await startHttp({
      incidents: [{ at: 'body', nth: 2, connection: 1, what: { kind: 'stall' } }],
    })
    const response = await clock.runUntil(request({}))
    let bytes = 0
    let over = false
    const reading = (async () => {
      for await (const piece of response.body ?? []) bytes += piece.length
      over = true
    })()
    reading.catch(() => {})
    await clock.advance(600_000)
    expect([bytes, over]).toEqual([3200, false])
    expect((await ask()).body.length).toBe(12 * 480)
  })
})
