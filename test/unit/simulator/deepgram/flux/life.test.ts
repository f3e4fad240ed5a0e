import { expect, test } from 'vitest'
import { ready } from './harness.ts'

test('sixty seconds without a sign of the client end a socket, with an error frame before', async () => {
  const stage = await ready()
  await stage.audio(100)
  await stage.clock.advance(59_800)
  expect(stage.ended).toBeUndefined()
  await stage.clock.advance(300)
  expect(stage.ended).toEqual({ code: 1011, reason: expect.stringContaining('net0001') })
  expect(stage.frames().at(-1)).toMatchObject({ type: 'Error', sequence_id: 1, code: 'NET-0001' })
})

test('pings keep a socket, also one that never had audio', async () => {
  const stage = await ready()
  for (let seconds = 0; seconds < 180; seconds += 30) {
    stage.socket.ping()
    await stage.clock.advance(30_000)
  }
  expect([stage.ended, stage.turns.faults]).toEqual([undefined, []])
})

test('CloseStream is answered with the end of the turn that was begun, and 1000', async () => {
  const stage = await ready({ updates: 'none', updateMs: Number.POSITIVE_INFINITY })
  stage.turns.hear({ text: 'good bye now', wordMs: 500 })
  await stage.audio(1000)
  stage.send({ type: 'CloseStream' })
  await stage.clock.advance(500)
  expect(stage.told()).toEqual(['Connected', '0+good', '0=good bye now'])
  expect(stage.ended).toEqual({ code: 1000, reason: '' })
})

test('CloseStream may end a socket at once', async () => {
  const stage = await ready({ closeStream: 'immediate' })
  stage.send({ type: 'CloseStream' })
  await stage.clock.advance(0)
  expect([stage.told(), stage.ended?.code]).toEqual([['Connected'], 1000])
})

test.each([
  ['{"type":"KeepAlive"}', 'unknown-message', true],
  ['{"type":"Finalize"}', 'unknown-message', true],
  ['{', 'not-json', true],
  ['{"type":"Configure","now":true}', 'unknown-field', false],
  ['{"type":"ForceEndTurn"}', undefined, false],
])('the message %s is the fault %s', async (message, fault, isEnd) => {
  const stage = await ready()
  await stage.audio(20)
  stage.send(message)
  await stage.clock.advance(300)
  expect(stage.turns.faults[0]?.code).toBe(fault)
  expect(stage.ended?.code).toBe(isEnd ? 1008 : undefined)
  const errors = stage.frames().filter(({ type }) => type === 'Error')
  expect(errors.map(({ code }) => code)).toEqual(isEnd ? ['UNPARSABLE_CLIENT_MESSAGE'] : [])
})

test('a deployment may not know ForceEndTurn; a bad message may be nothing; error frames may be missing', async () => {
  const stage = await ready({ forceEndTurn: 'unknown', errorFrame: 'none' })
  stage.send({ type: 'ForceEndTurn' })
  await stage.clock.advance(0)
  expect([stage.ended?.code, stage.told()]).toEqual([1008, ['Connected']])
  const lenient = await ready({ badMessage: 'ignore' })
  lenient.send('what')
  await lenient.clock.advance(300)
  expect(lenient.ended).toBeUndefined()
})

test('a strike ends, cuts or deafens the service; an error frame is that of /v2/listen', async () => {
  const error = await ready()
  error.turns.strike({ kind: 'error', code: 'INTERNAL_SERVER_ERROR' })
  await error.clock.advance(0)
  expect(error.frames().at(-1)).toEqual({
    type: 'Error',
    sequence_id: 1,
    code: 'INTERNAL_SERVER_ERROR',
    description: expect.any(String),
  })

  const fatal = await ready({ closeReason: 'code' })
  fatal.turns.strike({ kind: 'fatal', code: 'NET-0000' })
  await fatal.clock.advance(0)
  expect(fatal.ended).toEqual({ code: 1011, reason: 'NET-0000' })

  const deaf = await ready()
  deaf.turns.strike({ kind: 'stuck' })
  deaf.turns.hear('hello')
  await deaf.audio(2000)
  expect([deaf.told(), deaf.ended]).toEqual([['Connected'], undefined])
})

test('a connection lasts as long as one may', async () => {
  const stage = await ready({ lifeMs: 5000 })
  await stage.audio(5100)
  expect(stage.ended?.reason).toContain('net0003')
})
