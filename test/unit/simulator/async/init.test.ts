import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { ready, start } from './harness.ts'

const mulaw = { container: 'raw', encoding: 'pcm_mulaw', sample_rate: 8000 }

test.each([
  ['a voice that does not exist', { voice: { mode: 'id', id: 'nobody' } }, 'VOICE_NOT_FOUND'],
  ['no voice', { voice: 'nobody' }, 'INVALID_REQUEST'],
  ['a voice that is not named by its id', { voice: { mode: 'name', id: 'nobody' } }, 'INVALID_REQUEST'],
  ['a model that does not exist', { model_id: 'asyncflow_v2.0' }, 'MODEL_NOT_FOUND'],
  ['a model named like a property of every object', { model_id: 'constructor' }, 'MODEL_NOT_FOUND'],
  ['no model', { model_id: null }, 'INVALID_REQUEST'],
  ['a language the model does not speak', { language: 'hi' }, 'INVALID_LANGUAGE'],
  ['a language that is no string', { language: 7 }, 'INVALID_LANGUAGE'],
  ['the wrong spelling of mu-law', { output_format: { ...mulaw, encoding: 'mulaw' } }, 'FORMAT_NOT_RECOGNIZED'],
  ['a sample rate below 8000', { output_format: { ...mulaw, sample_rate: 4000 } }, 'FORMAT_NOT_RECOGNIZED'],
  ['no sample rate', { output_format: { container: 'raw' } }, 'FORMAT_NOT_RECOGNIZED'],
  ['mp3', { output_format: { ...mulaw, container: 'mp3' } }, 'FORMAT_NOT_RECOGNIZED'],
])('%s is refused with an error frame, and the socket closed', async (_name, fields, code) => {
  const { clock, service, connect } = await start()
  const client = connect()
  await clock.runUntil(client.opened)
  client.init(fields)
  await clock.runUntil(client.closed)
  expect(client.errors()).toEqual([code])
  expect(service.faults).toMatchObject([{ code: 'refused-init', detail: code }])
})

test('VOICE_NOT_FOUND names the voice in extra', async () => {
  const { clock, connect } = await start()
  const client = connect()
  await clock.runUntil(client.opened)
  client.init({ voice: { mode: 'id', id: 'nobody' } })
  await clock.runUntil(client.closed)
  expect(client.frames[0]).toMatchObject({ error_code: 'VOICE_NOT_FOUND', extra: { voice_id: 'nobody' } })
  expect(client.frames[0]).not.toHaveProperty('context_id')
})

test('as a switch, a refused init leaves the socket open for another one', async () => {
  const { clock, service, connect } = await start({ afterBadInit: 'stay-open' })
  const client = connect()
  await clock.runUntil(client.opened)
  client.init({ language: 'hi' })
  client.init({ language: 'fr' })
  client.say('Bonjour. ', randomUUID())
  await clock.advance(2000)
  expect(client.shape()).toMatch(/^Xa+$/)
  expect(service.faults.map((it) => it.code)).toEqual(['refused-init'])
})

test('voices and models are those given', async () => {
  const voiceId = randomUUID()
  const { clock, service, connect } = await start({}, { voiceIds: [voiceId], models: ['mine'] })
  expect(service.voiceId).toBe(voiceId)
  const client = connect()
  await clock.runUntil(client.opened)
  client.init({ model_id: 'mine', language: 'xx' })
  client.say('Hello. ', randomUUID())
  await clock.advance(2000)
  expect(client.shape()).toMatch(/^a+$/)
})

test('text before init is an error, or as a switch passed over; it is a fault either way', async () => {
  const { clock, service, connect } = await start()
  const client = connect()
  await clock.runUntil(client.opened)
  client.say('Hello. ', randomUUID())
  await clock.advance(1000)
  expect(client.errors()).toEqual(['INVALID_REQUEST'])
  service.behaviour.textBeforeInit = 'ignore'
  client.say('Hello. ', randomUUID())
  await clock.advance(1000)
  expect(client.frames).toHaveLength(1)
  expect(service.faults.map((it) => it.code)).toEqual(['text-before-init', 'text-before-init'])
  expect(service.spoken).toEqual([])
})

test('a second init is an error, or as a switch passed over; it changes nothing either way', async () => {
  const { clock, service, client, id } = await ready()
  client.init({ output_format: { ...mulaw, encoding: 'pcm_s16le' } })
  await clock.advance(0)
  expect(client.errors()).toEqual(['INVALID_REQUEST'])
  service.behaviour.secondInit = 'ignore'
  client.init({ output_format: { ...mulaw, encoding: 'pcm_s16le' } })
  client.say('Hello. ', id)
  await clock.advance(2000)
  expect(client.shape()).toMatch(/^Xa+$/)
  expect(client.audio()).toHaveLength('Hello.'.length * 480)
  expect(service.faults.map((it) => it.code)).toEqual(['second-init', 'second-init'])
})

test('init is answered by nothing, or as a switch by init_ack with the server id and more', async () => {
  const { client } = await ready()
  expect(client.frames).toEqual([])
  const { client: acknowledged } = await ready({ initAck: true })
  expect(acknowledged.frames).toHaveLength(1)
  expect(acknowledged.frames[0]).toMatchObject({
    event: 'init_ack',
    context_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
  expect(Object.keys(acknowledged.frames[0] ?? {}).length).toBeGreaterThan(2)
})

test('the default format is 16-bit at 44,100 Hz', async () => {
  const { clock, service, connect } = await start()
  const client = connect()
  await clock.runUntil(client.opened)
  client.send({ model_id: 'async_pro_v1.0', voice: { mode: 'id', id: service.voiceId } })
  client.say('Hello. ', randomUUID())
  await clock.advance(2000)
  expect(service.faults).toEqual([])
  const samples = ('Hello.'.length * 60 * 44_100) / 1000
  expect(Math.abs(client.audio().length / 2 - samples)).toBeLessThanOrEqual(1)
})

test('every documented encoding carries the same samples', async () => {
  const audio: Record<string, Buffer> = {}
  for (const encoding of ['pcm_mulaw', 'pcm_s16le', 'pcm_f32le']) {
    const { clock, connect } = await start()
    const client = connect()
    await clock.runUntil(client.opened)
    client.init({ output_format: { ...mulaw, encoding } })
    client.say('Hello. ', randomUUID())
    await clock.advance(2000)
    audio[encoding] = client.audio()
  }
  const { pcm_mulaw: bytes, pcm_s16le: wide, pcm_f32le: floats } = audio
  expect([bytes?.length, wide?.length, floats?.length]).toEqual([2880, 5760, 11_520])
  for (let i = 0; i < 2880; i += 97)
    expect(floats?.readFloatLE(i * 4)).toBeCloseTo((wide?.readInt16LE(i * 2) ?? 0) / 32_768, 6)
})
