import { expect, test } from 'vitest'
import { ask } from '../listen/harness.ts'
import { ready, start, telephony } from './harness.ts'

const multi = telephony.replace('-en', '-multi')

test.each([
  [telephony, 101, []],
  [`${telephony}&eot_threshold=0.8&eager_eot_threshold=0.4&eot_timeout_ms=3000&keyterm=a&keyterm=b&tag=x`, 101, []],
  [`${telephony}&numerals=true&profanity_filter=false&redact=numbers&mip_opt_out=true`, 101, []],
  [`${multi}&language_hint=de&language_hint=en-GB`, 101, []],
  ['model=flux-general-en&encoding=linear16&sample_rate=16000', 101, []],
  ['encoding=mulaw&sample_rate=8000', 400, ['bad-parameter']],
  ['model=nova-3&encoding=mulaw&sample_rate=8000', 400, ['bad-parameter']],
  ['model=flux&encoding=mulaw&sample_rate=8000', 400, ['bad-parameter']],
  ['model=flux-general-en&sample_rate=8000', 400, ['bad-parameter']],
  ['model=flux-general-en&encoding=mulaw', 400, ['bad-parameter']],
  ['model=flux-general-en&encoding=mulaw&sample_rate=11025', 400, ['bad-parameter']],
  [`${telephony}&eot_threshold=0.4`, 400, ['bad-parameter']],
  [`${telephony}&eager_eot_threshold=0.95`, 400, ['bad-parameter']],
  [`${telephony}&eot_timeout_ms=499`, 400, ['bad-parameter']],
  [`${telephony}&eot_timeout_ms=`, 400, ['bad-parameter']],
  [`${telephony}&numerals=1`, 400, ['bad-parameter']],
  [`${telephony}&redact=pci`, 400, ['bad-parameter']],
  [`${telephony}&language_hint=de`, 400, ['bad-parameter']],
  [`${multi}&language_hint=`, 400, ['bad-parameter']],
  [`${telephony}&language=en`, 400, ['unknown-parameter']],
  [`${telephony}&interim_results=true`, 400, ['unknown-parameter']],
  [`${telephony}&model=flux-general-en`, 400, ['unknown-parameter']],
])('a handshake with %s is answered with %i', async (query, status, faults) => {
  const stage = await start()
  expect((await ask(stage, `/v2/listen?${query}`)).status).toBe(status)
  expect(stage.turns.faults.map(({ code }) => code)).toEqual(faults)
})

test('a wrong key, a full service and any status are refused with a reason', async () => {
  const stage = await start({ concurrencyLimit: 1 })
  const target = `/v2/listen?${telephony}`
  expect(await ask(stage, target, 'Token wrong')).toEqual({ status: 401, reason: 'Invalid credentials.' })
  expect((await ask(stage, target)).status).toBe(101)
  expect((await ask(stage, target)).status).toBe(429)
  stage.turns.behaviour.refuse = 503
  expect((await ask(stage, target)).status).toBe(503)
  expect((await ask(stage, `/v3/listen?${telephony}`)).status).toBe(404)
})

test('a socket is greeted with Connected, and every message has its number', async () => {
  const stage = await ready({ latencyMs: 0 })
  await stage.audio(1000)
  expect(stage.frames().map(({ type, sequence_id: id }) => [type, id])).toEqual([
    ['Connected', 0],
    ...[1, 2, 3].map((id) => ['TurnInfo', id]),
  ])
  expect(stage.frames()[0]).toHaveProperty('request_id', expect.stringMatching(/^[0-9a-f-]{36}$/))
})

test('what the handshake asks for, and the audio, are kept for tests to look at', async () => {
  const stage = await ready({}, `${multi}&language_hint=de&keyterm=M%C3%BCller&eager_eot_threshold=0.4`)
  stage.socket.send(Buffer.from('abc'))
  stage.socket.send(Buffer.from('def'))
  await stage.clock.advance(0)
  expect(stage.turns.sockets.map((socket) => [socket.open, socket.audio().toString()])).toEqual([[true, 'abcdef']])
  expect(stage.turns.sockets[0]?.settings).toMatchObject({
    model: 'flux-general-multi',
    languageHints: ['de'],
    keyterms: ['Müller'],
    eagerThreshold: 0.4,
    endTimeoutMs: 5000,
  })
})
