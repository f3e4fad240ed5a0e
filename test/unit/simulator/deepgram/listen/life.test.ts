import { expect, test } from 'vitest'
import { ready } from './harness.ts'

const netOne = { code: 1011, reason: expect.stringContaining('net0001') }

test('ten seconds without audio end a socket', async () => {
  const stage = await ready()
  await stage.audio(100)
  await stage.clock.advance(9800)
  expect(stage.ended).toBeUndefined()
  await stage.clock.advance(300)
  expect(stage.ended).toEqual(netOne)
})

test('KeepAlive keeps a socket that has had audio, and no other', async () => {
  const fed = await ready()
  const unfed = await ready()
  await fed.audio(20)
  for (const stage of [fed, unfed])
    for (let seconds = 0; seconds < 24; seconds += 4) {
      stage.send({ type: 'KeepAlive' })
      await stage.clock.advance(4000)
    }
  expect(fed.ended).toBeUndefined()
  expect(fed.listening.faults).toEqual([])
  expect(unfed.ended).toEqual(netOne)
  expect(unfed.listening.faults[0]?.code).toBe('keepalive-before-audio')
})

test('CloseStream is answered with what was begun, Metadata and 1000', async () => {
  const stage = await ready({ interims: 'none', speechStarted: 'missing' })
  stage.listening.hear({ text: 'good bye now', wordMs: 500 })
  await stage.audio(1000)
  stage.send({ type: 'CloseStream' })
  await stage.clock.advance(500)
  expect(stage.told()).toEqual(['=good bye now!', 'Metadata'])
  expect(stage.frames().at(-1)).toMatchObject({ transaction_key: 'deprecated', duration: 1, channels: 1 })
  expect(stage.ended).toEqual({ code: 1000, reason: '' })
})

test('CloseStream may end a socket at once', async () => {
  const stage = await ready({ closeStream: 'immediate' })
  stage.send({ type: 'CloseStream' })
  await stage.clock.advance(0)
  expect([stage.told(), stage.ended?.code]).toEqual([[], 1000])
})

test.each([
  ['{"type":"Speak","text":"x"}', 'unknown-message', 1008],
  ['null', 'unknown-message', 1008],
  ['{', 'not-json', 1008],
  ['{"type":"KeepAlive","now":true}', 'unknown-field', undefined],
  ['{"type":"Finalize","channel":0}', undefined, undefined],
])('the message %s is the fault %s', async (message, fault, code) => {
  const stage = await ready()
  await stage.audio(20)
  stage.send(message)
  await stage.clock.advance(300)
  expect(stage.listening.faults[0]?.code).toBe(fault)
  expect(stage.ended?.code).toBe(code)
})

test('what is too large, empty or late is a fault', async () => {
  const stage = await ready({ badMessage: 'ignore', messageBytes: 1000 })
  stage.socket.send(Buffer.alloc(0))
  stage.send('what')
  stage.send({ type: 'CloseStream' })
  stage.socket.send(Buffer.alloc(160))
  await stage.clock.advance(300)
  expect(stage.listening.faults.map(({ code }) => code)).toEqual(['empty-audio', 'not-json', 'after-close'])
  const large = await ready({ messageBytes: 1000 })
  large.socket.send(Buffer.alloc(1001))
  await large.clock.advance(300)
  expect([large.ended?.code, large.listening.faults[0]?.code]).toEqual([1009, 'too-large'])
})

test('a strike ends, cuts, silences or deafens the service; any frame can be sent', async () => {
  const fatal = await ready({ closeReason: 'code' })
  fatal.listening.strike({ kind: 'fatal', code: 'NET-0000' })
  await fatal.clock.advance(0)
  expect(fatal.ended).toEqual({ code: 1011, reason: 'NET-0000' })

  const cut = await ready()
  cut.listening.strike({ kind: 'drop' })
  await cut.clock.advance(0)
  expect(cut.ended?.code).toBe(1006)

  const deaf = await ready()
  deaf.listening.strike({ kind: 'stuck' })
  deaf.listening.hear('hello')
  await deaf.audio(2000)
  let pongs = 0
  deaf.socket.on('pong', () => pongs++)
  deaf.socket.ping()
  await deaf.clock.advance(0)
  expect([deaf.came, pongs, deaf.ended]).toEqual([[], 1, undefined])

  const odd = await ready()
  odd.listening.send('anything')
  await odd.clock.advance(0)
  expect(odd.came.map(({ text }) => text)).toEqual(['anything'])
})

test('a connection lasts as long as one may', async () => {
  const stage = await ready({ lifeMs: 5000 })
  await stage.audio(5100)
  expect(stage.ended?.reason).toContain('net0003')
})
