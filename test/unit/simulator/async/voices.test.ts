import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readWav } from '../../../../src/audio/read-wav.ts'
import { mulawWav } from '../../../../src/audio/wav.ts'
import { type AsyncService, startAsyncService } from '../../../../src/simulator/async/service.ts'

let service: AsyncService
beforeEach(async () => {
  service = await startAsyncService({ behaviour: { httpMissingVersion: 'refuse' } })
})
afterEach(() => service.close())

interface Ask {
  method?: string
  json?: unknown
  form?: FormData
  headers?: Record<string, string>
}

async function ask(path: string, { method = 'GET', json, form, headers }: Ask = {}) {
  const given = headers ?? { 'X-Api-Key': service.apiKey, version: 'v1' }
  const answer = await fetch(service.url + path, {
    method,
    headers: { ...given, ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    ...(form === undefined ? {} : { body: form }),
  })
  const text = await answer.text()
  return { status: answer.status, body: (text === '' ? undefined : JSON.parse(text)) as never }
}
const list = async (json?: unknown) =>
  (await ask('/voices', { method: 'POST', json })).body as { voices: { voice_id: string }[]; next_cursor: string }
const seconds = (count: number) => mulawWav(new Uint8Array(8000 * count).fill(0x10))
function form(fields: Record<string, string | Uint8Array>): FormData {
  const made = new FormData()
  for (const [name, value] of Object.entries(fields))
    if (typeof value === 'string') made.append(name, value)
    else made.append(name, new Blob([new Uint8Array(value)]))
  return made
}
const clone = (fields: Record<string, string | Uint8Array>) =>
  ask('/voices/clone', { method: 'POST', form: form(fields) })
const own = () => service.voices.find((voice) => voice.voice_type === 'CUSTOM')?.voice_id ?? ''

test('a voice that exists is told to whoever shows key and version', async () => {
  const { status, body } = await ask(`/voices/${service.voiceId}`)
  expect(status).toBe(200)
  expect(body).toMatchObject({ voice_id: service.voiceId, voice_type: 'PREDEFINED' })
})

test('key, version and voice are refused with their own codes, in the form of the switch', async () => {
  const good = { 'x-api-key': service.apiKey, version: 'v1' }
  const cases = [
    [`/voices/${service.voiceId}`, { version: 'v1' }, 401, 'INVALID_API_KEY'],
    [`/voices/${service.voiceId}`, { ...good, 'x-api-key': 'sk_wrong' }, 401, 'INVALID_API_KEY'],
    [`/voices/${service.voiceId}`, { 'x-api-key': service.apiKey }, 404, 'VERSION_NOT_FOUND'],
    ['/voices/none', good, 404, 'VOICE_NOT_FOUND'],
    ['/voices', good, 404, 'NOT_FOUND'],
  ] as const
  for (const [path, headers, status, code] of cases) {
    service.behaviour.httpErrorForm = 'detail'
    const wrapped = await ask(path, { headers })
    expect(wrapped).toMatchObject({ status, body: { detail: { error_code: code } } })
    service.behaviour.httpErrorForm = 'flat'
    if (code !== 'NOT_FOUND') expect((await ask(path, { headers })).body).toMatchObject({ error_code: code })
  }
  service.behaviour.httpMissingVersion = 'accept'
  expect((await ask(`/voices/${service.voiceId}`, { headers: { 'x-api-key': service.apiKey } })).status).toBe(200)
})

test('a fault of the service is a 500 in its own form', async () => {
  service.behaviour.incidents = [{ at: 'voices', what: { kind: 'error', code: 'INTERNAL_SERVER_ERROR' } }]
  const path = `/voices/${service.voiceId}`
  const { status, body } = await ask(path)
  expect(status).toBe(500)
  expect(body).toEqual({ message: expect.any(String), method: 'GET', url: path, detail: expect.any(String) })
})

describe('a list', () => {
  test('comes in pages of ten, or of the limit, behind the cursor', async () => {
    const all = service.voices.map((voice) => voice.voice_id)
    expect(all.length).toBeGreaterThan(5)
    expect((await list()).voices.map((voice) => voice.voice_id)).toEqual(all)
    const first = await list({ limit: 4 })
    expect(first.voices.map((voice) => voice.voice_id)).toEqual(all.slice(0, 4))
    expect(first.next_cursor).toBe(all[3])
    const rest = await list({ limit: 4, after: first.next_cursor })
    expect(rest.voices.map((voice) => voice.voice_id)).toEqual(all.slice(4))
    expect(rest.next_cursor).toBe('')
    expect(service.faults).toEqual([])
  })

  test('may end in a cursor that repeats itself', async () => {
    service.behaviour.lastCursor = 'repeated'
    const last = service.voices.at(-1)?.voice_id
    expect((await list()).next_cursor).toBe(last)
    expect(await list({ after: last })).toEqual({ voices: [], next_cursor: last })
  })

  test.each([
    [{ language: 'de' }, 2],
    [{ accent: 'German' }, 1],
    [{ gender: 'Female' }, 3],
    [{ style: 'calm' }, 2],
    [{ my_voice: true }, 2],
    [{ my_voice: false, language: 'en', gender: 'Male' }, 1],
    [{ model_id: 'async_flash_v1.5' }, 7],
  ])('filters by %j', async (filter, count) => {
    expect((await list(filter)).voices).toHaveLength(count)
  })

  test.each([{ limit: 0 }, { limit: 101 }, { my_voice: 'yes' }, { gender: 'female' }, { language: 1 }, []])(
    '%j is refused and a fault',
    async (json) => {
      expect((await ask('/voices', { method: 'POST', json })).status).toBe(400)
      expect(service.faults).toHaveLength(1)
    },
  )

  test('a wrong field name is a fault: the cursor is sent as after', async () => {
    await list({ cursor: 'x' })
    expect(service.voiceRequests[0]).toMatchObject({ status: 200, faults: ['unknown-field'], body: { cursor: 'x' } })
  })

  test('of ids gives the voices that exist', async () => {
    const ids = [own(), 'none', service.voiceId]
    const { body } = await ask('/voices/batch', { method: 'POST', json: { voice_ids: ids } })
    expect((body as { voice_id: string }[]).map((voice) => voice.voice_id)).toEqual([own(), service.voiceId])
    for (const json of [{ ids }, { voice_ids: 'x' }, { voice_ids: [1] }])
      expect((await ask('/voices/batch', { method: 'POST', json })).status).toBe(400)
  })
})

describe('an own voice', () => {
  test('can be changed and removed, and then does not speak', async () => {
    const id = own()
    const headers = { 'x-api-key': service.apiKey }
    expect((await ask(`/voices/${id}`, { method: 'PUT', json: { name: 'New', gender: 'Male' }, headers })).status).toBe(
      204,
    )
    expect((await ask(`/voices/${id}`)).body).toMatchObject({ name: 'New', gender: 'Male' })
    expect((await ask(`/voices/${id}`, { method: 'DELETE' })).status).toBe(204)
    expect((await ask(`/voices/${id}`)).status).toBe(404)
    const json = { model_id: 'async_flash_v1.5', transcript: 'Hi. ', voice: { mode: 'id', id }, output_format: {} }
    expect((await ask('/text_to_speech', { method: 'POST', json })).status).toBe(404)
  })

  test('has fields that cannot be changed, and Async’s own voices have no other', async () => {
    const put = (id: string, json: unknown) => ask(`/voices/${id}`, { method: 'PUT', json })
    const refused = (field: string) => ({ detail: { error_code: 'VOICE_FIELD_UPDATE_NOT_ALLOWED', extra: { field } } })
    expect((await put(own(), { language: 'de' })).body).toMatchObject(refused('language'))
    expect((await put(service.voiceId, { name: 'Mine' })).body).toMatchObject(refused('name'))
    expect((await put(own(), { gender: 'x' })).status).toBe(400)
    expect((await ask(`/voices/${service.voiceId}`, { method: 'DELETE' })).status).toBe(404)
    expect(service.voices.find((voice) => voice.name === 'Mine')).toBeUndefined()
  })
})

describe('a clone', () => {
  test('is made of a form with the file as audio, and speaks', async () => {
    const { status, body } = await clone({ audio: seconds(3), name: 'Me', accent: 'Irish', enhance: 'true' })
    expect(status).toBe(200)
    expect(body).toEqual({ id: expect.any(String), name: 'Me', description: '', language: 'en' })
    expect(service.voices.at(-1)).toMatchObject({ name: 'Me', accent: 'Irish', voice_type: 'CUSTOM' })
    expect(service.voiceRequests[0]?.body).toEqual({ audio: 24_058, name: 'Me', accent: 'Irish', enhance: 'true' })
    expect(service.faults).toEqual([])
  })

  test.each<[string, Record<string, string | Uint8Array>, number, string]>([
    ['the file as files', { files: seconds(3), name: 'Me' }, 400, 'INVALID_REQUEST'],
    ['the file as text', { audio: 'x', name: 'Me' }, 400, 'INVALID_REQUEST'],
    ['no name', { audio: seconds(3) }, 400, 'INVALID_REQUEST'],
    ['less than 3 s', { audio: seconds(2), name: 'Me' }, 400, 'SHORT_SPEECH_DURATION'],
    ['no audio', { audio: Buffer.from('hello'), name: 'Me' }, 400, 'FORMAT_NOT_RECOGNIZED'],
    ['more than 10 MB', { audio: seconds(1400), name: 'Me' }, 413, 'FILE_TOO_LARGE'],
  ])('%s is refused', async (_what, fields, status, code) => {
    const refused = await clone(fields)
    expect(refused).toMatchObject({ status, body: { detail: { error_code: code } } })
    expect(service.voices).toHaveLength(7)
  })

  test('of MP3, FLAC and AIFF is taken by its first bytes', async () => {
    for (const begin of ['ID3', 'fLaC', 'FORM1234AIFF', '\xff\xfb'])
      expect((await clone({ audio: Buffer.from(begin, 'latin1'), name: 'Me' })).status).toBe(200)
  })

  test('may be refused for its quality or for the number of clones', async () => {
    const code = async () => (await clone({ audio: seconds(3), name: 'Me' })).body
    service.behaviour.cloneLimit = 2
    expect(await code()).toMatchObject({ detail: { error_code: 'VOICE_CLONE_LIMIT_EXCEEDED' } })
    service.behaviour.cloneQuality = 'bad'
    expect(await code()).toMatchObject({ detail: { error_code: 'BAD_SPEECH_QUALITY' } })
  })

  test('is refused where no form came, and where far too much did', async () => {
    expect((await ask('/voices/clone', { method: 'POST', json: { name: 'Me' } })).status).toBe(400)
    expect(service.faults.map((fault) => fault.code)).toEqual(['wrong-type'])
    expect(await clone({ audio: new Uint8Array(12 * 1024 * 1024), name: 'Me' })).toMatchObject({ status: 413 })
  })
})

test('a preview is a WAV file behind a signed address, without the key', async () => {
  const { body } = await ask(`/voices/preview/${service.voiceId}`)
  const { signed_url: url } = body as { signed_url: string }
  const file = await fetch(url)
  expect(file.headers.get('content-type')).toBe('audio/wav')
  const wav = readWav(new Uint8Array(await file.arrayBuffer()))
  expect(wav).toMatchObject({ encoding: 'pcm16', sampleRateHz: 16_000, channels: 1 })
  expect(wav.audio.length).toBeGreaterThan(16_000)
  expect(url).not.toContain(service.apiKey)
  expect((await fetch(url.replace(/.$/, 'x'))).status).toBe(403)
  service.behaviour.previews = 'missing'
  expect((await ask(`/voices/preview/${service.voiceId}`)).body).toMatchObject({
    detail: { error_code: 'VOICE_PREVIEW_NOT_FOUND' },
  })
})
