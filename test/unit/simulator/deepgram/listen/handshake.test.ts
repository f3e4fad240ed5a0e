import { expect, test } from 'vitest'
import * as harness from './harness.ts'
import { start, telephony } from './harness.ts'

const ask = (stage: Awaited<ReturnType<typeof start>>, query: string, authorization?: string) =>
  harness.ask(stage, `/v1/listen?${query}`, authorization)

test.each([
  [telephony, 101, []],
  [`${telephony}&keyterm=a&keyterm=b&language=en-US&smart_format=true&numerals=true`, 101, []],
  ['model=nova-3&encoding=linear16&sample_rate=16000', 101, []],
  ['encoding=mulaw&sample_rate=8000', 400, ['bad-parameter']],
  ['model=aura-2-thalia-en&encoding=mulaw&sample_rate=8000', 400, ['bad-parameter']],
  ['model=flux-general-en&encoding=mulaw&sample_rate=8000', 400, ['bad-parameter']],
  ['model=nova-3&sample_rate=8000', 400, ['bad-parameter']],
  ['model=nova-3&encoding=mulaw', 400, ['bad-parameter']],
  ['model=nova-3&encoding=mulaw&sample_rate=8000&channels=2', 400, ['bad-parameter']],
  ['model=nova-3&encoding=mulaw&sample_rate=8000&utterance_end_ms=1000', 400, ['bad-parameter']],
  [telephony.replace('=1000', '=999'), 400, ['bad-parameter']],
  [telephony.replace('=300', '=soon'), 400, ['bad-parameter']],
  [telephony.replace('vad_events=true', 'vad_events=1'), 400, ['bad-parameter']],
  [`${telephony.replace('nova-3', 'nova-2')}&keyterm=a`, 400, ['bad-parameter']],
  [`${telephony}&container=none`, 400, ['unknown-parameter']],
  [`${telephony}&model=nova-2`, 400, ['unknown-parameter']],
])('a handshake with %s is answered with %i', async (query, status, faults) => {
  const stage = await start()
  expect((await ask(stage, query)).status).toBe(status)
  expect(stage.listening.faults.map(({ code }) => code)).toEqual(faults)
})

test('a wrong key, a full service and any status are refused with a reason', async () => {
  const stage = await start({ concurrencyLimit: 1 })
  expect(await ask(stage, telephony, 'Token wrong')).toEqual({ status: 401, reason: 'Invalid credentials.' })
  expect(stage.listening.faults.map(({ code }) => code)).toEqual(['bad-key'])
  expect((await ask(stage, telephony, `Bearer ${stage.service.apiKey}`)).status).toBe(101)
  expect((await ask(stage, telephony)).status).toBe(429)
  stage.listening.behaviour.refuse = 503
  expect((await ask(stage, telephony)).status).toBe(503)
})

test('an unknown parameter may be tolerated, and stays a fault', async () => {
  const stage = await start({ unknownParameters: 'ignore' })
  expect((await ask(stage, `${telephony}&wat=1`)).status).toBe(101)
  expect(stage.listening.faults).toMatchObject([{ code: 'unknown-parameter', detail: 'wat', connection: 1 }])
})
