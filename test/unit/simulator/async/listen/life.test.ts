import { expect, test } from 'vitest'
import { ready } from './harness.ts'

test('a minute without a message ends a socket, with a word', async () => {
  const stage = await ready()
  await stage.audio(250)
  await stage.clock.advance(59_000)
  expect(stage.endedWith).toBeUndefined()
  await stage.clock.advance(1000)
  expect(stage.frames()).toMatchObject([{ error_code: 'TIMEOUT' }])
  expect(stage.endedWith).toBe(1000)
})

test('a connection lasts as long as one may', async () => {
  const stage = await ready({ lifeMs: 5000, closeCode: 1011 })
  await stage.audio(5250)
  expect(stage.endedWith).toBe(1011)
})

test.each([
  ['{"type":"finish"}', 'unknown-message'],
  ['{"final":false}', 'unknown-message'],
  ['null', 'unknown-message'],
  ['{', 'not-json'],
])('the message %s is the fault %s, and answered with an error', async (message, fault) => {
  const stage = await ready()
  stage.send(message)
  await stage.clock.advance(0)
  expect(stage.listening.faults.map(({ code }) => code)).toEqual([fault])
  expect(stage.frames()).toMatchObject([{ error_code: 'INVALID_REQUEST' }])
  stage.listening.behaviour.badMessage = 'ignore'
  stage.send(message)
  await stage.clock.advance(0)
  expect(stage.came).toHaveLength(1)
})

test('frames that are too long, too short amid others, or cut through a sample are faults', async () => {
  const stage = await ready()
  const send = (bytes: number) => stage.socket.send(Buffer.alloc(bytes))
  for (const bytes of [8000, 16_000, 12_000, 16_002, 7998, 8000, 8001, 300]) send(bytes)
  await stage.clock.advance(0)
  expect(stage.listening.faults.map(({ code, detail }) => [code, detail.split(' ')[0]])).toEqual([
    ['frame-length', '500.0625'],
    ['frame-length', '249.9375'],
    ['odd-bytes', '8001'],
  ])
})

test('what comes behind the end is a fault, and a field too many', async () => {
  const stage = await ready()
  stage.send({ final: true, now: true })
  stage.socket.send(Buffer.alloc(8000))
  stage.send({ final: true })
  await stage.clock.advance(0)
  expect(stage.listening.faults.map(({ code, detail }) => [code, detail])).toEqual([
    ['unknown-field', 'now'],
    ['after-finish', 'audio'],
    ['after-finish', 'text'],
  ])
})

test.each([
  ['flat', { error_code: 'RATE_LIMIT_EXCEEDED', extra: { retry_after_ms: 8500 } }],
  ['detail', { detail: { error_code: 'RATE_LIMIT_EXCEEDED' } }],
  ['typed', { type: 'error', error_code: 'RATE_LIMIT_EXCEEDED' }],
  ['bare', { type: 'error', message: 'RATE_LIMIT_EXCEEDED' }],
] as const)('an error has the form %s', async (errorForm, expected) => {
  const stage = await ready({ errorForm })
  stage.listening.strike({ kind: 'error', code: 'RATE_LIMIT_EXCEEDED' })
  await stage.clock.advance(0)
  expect(stage.frames()).toMatchObject([expected])
  expect(stage.endedWith).toBe(1000)
})

test('a strike ends, cuts or silences the service, sends odd frames, and what is sent goes as it is', async () => {
  const cut = await ready()
  cut.listening.strike({ kind: 'drop' })
  await cut.clock.advance(0)
  expect(cut.endedWith).toBe(1006)

  const closed = await ready()
  closed.listening.strike({ kind: 'close', code: 1013 })
  await closed.clock.advance(0)
  expect(closed.endedWith).toBe(1013)

  const odd = await ready()
  odd.listening.strike({ kind: 'frame', frame: 'not-an-object' })
  odd.listening.strike({ kind: 'error', code: 'TIMEOUT', afterwards: 'go-on' })
  odd.listening.send('anything')
  odd.listening.strike({ kind: 'stall' })
  odd.listening.send('no more')
  await odd.clock.advance(0)
  expect(odd.came.map(({ text }) => text)).toEqual(['[null]', expect.stringContaining('TIMEOUT'), 'anything'])
  expect(odd.endedWith).toBeUndefined()
})

test('a deaf service hears nothing and answers pings', async () => {
  const stage = await ready()
  stage.listening.behaviour.deaf = true
  stage.listening.hear('hello')
  await stage.audio(2000)
  let pongs = 0
  stage.socket.on('pong', () => pongs++)
  stage.socket.ping()
  stage.send({ final: true })
  await stage.clock.advance(1000)
  expect([stage.came, pongs, stage.endedWith]).toEqual([[], 1, undefined])
})
