import { expect, test } from 'vitest'
import { dial, speech, start } from './harness.ts'

test.each([
  [speech, 101, []],
  [`${speech}&language=he`, 101, []],
  ['sample_rate=16000', 404, ['bad-parameter']],
  ['model_id=async_flash_v1.5&sample_rate=16000', 404, ['bad-parameter']],
  ['model_id=async_asr_v1.0', 400, ['bad-parameter']],
  ['model_id=async_asr_v1.0&sample_rate=8000', 400, ['bad-parameter']],
  [`${speech}&language=en-US`, 400, ['bad-parameter']],
  [`${speech}&language=nl`, 400, ['bad-parameter']],
  [`${speech}&version=v1`, 400, ['unknown-parameter']],
  [`${speech}&sample_rate=16000`, 400, ['unknown-parameter']],
])('a handshake with %s is answered with %i', async (query, status, faults) => {
  const stage = await start()
  expect((await dial(stage, query)).status).toBe(status)
  expect(stage.listening.faults.map(({ code }) => code)).toEqual(faults)
})

test('an unknown parameter may be tolerated, and stays a fault', async () => {
  const stage = await start({ unknownParameters: 'ignore' })
  expect((await dial(stage, `${speech}&wat=1`)).status).toBe(101)
  expect(stage.listening.faults).toMatchObject([{ code: 'unknown-parameter', detail: 'wat', connection: 1 }])
})

test.each([
  ['http-401', 401, undefined, []],
  ['close', 101, 1000, []],
  ['error-frame', 101, 1000, [{ error_code: 'INVALID_API_KEY' }]],
] as const)('a wrong key by %s, which is no socket that anybody speaks to', async (badKey, status, code, frames) => {
  const stage = await start({ badKey })
  const socket = await dial(stage, speech, 'wrong')
  await stage.clock.advance(0)
  expect([socket.status, socket.endedWith]).toEqual([status, code])
  expect(socket.frames()).toMatchObject(frames)
  expect(stage.listening.faults.map(({ code: fault }) => fault)).toEqual(['bad-key'])
  expect(stage.listening.sockets).toEqual([])
})

test('one socket too many is told so and closed; any status can be the answer to all', async () => {
  const stage = await start({ concurrencyLimit: 1 })
  await dial(stage)
  const second = await dial(stage)
  expect(second.frames()).toMatchObject([{ error_code: 'TOO_MANY_CONCURRENT_REQUESTS' }])
  expect([second.endedWith, stage.listening.sockets.length]).toEqual([1000, 1])
  stage.listening.behaviour.refuse = 503
  expect((await dial(stage)).status).toBe(503)
})

test('speech to text and text to speech do not see each other', async () => {
  const stage = await start()
  await dial(stage)
  expect([stage.service.connections, stage.service.opened, stage.service.faults]).toEqual([0, 0, []])
})
