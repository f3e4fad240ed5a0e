import { expect, test } from 'vitest'
import type { FatalCode } from '../../../../src/simulator/deepgram/closes.ts'
import type { Incident, OddFrame } from '../../../../src/simulator/deepgram/incidents.ts'
import { ready, start } from './harness.ts'

const text = 'A sentence that takes a while to be spoken. '
const pace = { chunks: { kind: 'fixed', ms: 100 }, firstAudioDelayMs: 0, deliveryRate: 1 } as const

/** A text and its Flush, on the only connection, with something that goes wrong. */
async function speakThrough(...incidents: readonly Incident[]) {
  const started = await ready({ ...pace, incidents })
  const { clock, client } = started
  client.say(text)
  client.flush()
  await clock.advance(5000)
  return started
}

test.each([
  ['NET-0000', 1011],
  ['NET-0002', 1011],
  ['NET-0003', 1011],
  ['DATA-0000', 1008],
] as const)('%s can be struck: close code %i, and the code is all of the reason', async (code, close) => {
  const { clock, client, service } = await ready()
  service.strike({ kind: 'fatal', code })
  expect(await clock.runUntil(client.closed)).toEqual({ code: close, reason: code })
  expect(client.shape()).toBe('M')
})

test.each(['MESSAGE-0000', 'DATA-0001', 'BIG-0000', 'NET-0001'] satisfies FatalCode[])(
  'as a switch the reason of %s is a sentence with a link, that fits into a close frame',
  async (code) => {
    const { clock, client, service } = await ready({ closeReason: 'sentence' })
    service.strike({ kind: 'fatal', code })
    const { reason } = await clock.runUntil(client.closed)
    expect(reason).toMatch(new RegExp(`^[A-Z].* See https://dpgr\\.am/${code.toLowerCase().replace('-', '')}$`))
  },
)

test.each(['Error', 'error'] as const)('as a switch, a frame of type %s comes before a fatal close', async (type) => {
  const { clock, client } = await ready({ errorFrame: type })
  client.send({ type: 'KeepAlive' })
  await clock.runUntil(client.closed)
  expect(client.frames(type)).toEqual([{ type, err_code: 'DATA-0000', err_msg: 'The message is not a valid command.' }])
})

test('an Error frame leaves the socket open; the message it came upon is not obeyed', async () => {
  const { client, clock } = await speakThrough({ at: 'flush', nth: 1, what: { kind: 'error', code: 'X-1' } })
  expect(client.shape()).toBe('MEa')
  client.flush()
  await clock.advance(100)
  expect(client.shape()).toBe('MEaF')
})

test('an Error frame amid audio ends what is being spoken, without Flushed', async () => {
  const { client, service } = await speakThrough({ at: 'audio', nth: 3, what: { kind: 'error', code: 'X-1' } })
  expect(client.shape()).toBe('MaE')
  expect(client.audio()).toHaveLength(2400)
  expect(service.connections).toBe(1)
})

test('a Speak that is lost gives a Flushed without audio; a Flush or a Clear that is lost has no answer', async () => {
  expect((await speakThrough({ at: 'speak', what: { kind: 'lose' } })).client.shape()).toBe('MF')
  expect((await speakThrough({ at: 'flush', what: { kind: 'lose' } })).client.shape()).toBe('Ma')
  const { client, clock } = await speakThrough({ at: 'clear', nth: 1, what: { kind: 'lose' } })
  client.clear()
  client.clear()
  await clock.advance(100)
  expect(client.shape()).toBe('MaFC')
})

test('a warning changes nothing else', async () => {
  const { client } = await speakThrough({ at: 'speak', what: { kind: 'warning', code: 'SLOW', message: 'Busy.' } })
  expect(client.shape()).toBe('MWaF')
  expect(client.frames('Warning')).toEqual([{ type: 'Warning', warn_code: 'SLOW', warn_msg: 'Busy.' }])
})

test('a voice that is stuck says nothing more until Clear, which is answered', async () => {
  const { client, clock } = await speakThrough({ at: 'audio', nth: 2, what: { kind: 'stuck' } })
  let pongs = 0
  client.socket.on('pong', () => pongs++)
  client.socket.ping()
  await clock.advance(10_000)
  expect([client.audio().length, client.shape(), pongs]).toEqual([1600, 'Ma', 1])
  client.clear()
  client.say('Fresh. ')
  client.flush()
  await clock.advance(5000)
  expect(client.shape()).toBe('MaCaF')
})

test('a voice can be stuck before it has anything to say', async () => {
  const { clock, client, service } = await ready()
  service.strike({ kind: 'stuck' })
  client.flush()
  client.say(text)
  await clock.advance(5000)
  expect(client.shape()).toBe('M')
  client.clear()
  await clock.advance(5000)
  expect(client.shape()).toBe('MC')
})

test('what is struck amid audio ends it, if it would as an incident', async () => {
  const { clock, client, service } = await ready(pace)
  client.say(text)
  client.flush()
  await clock.advance(350)
  service.strike({ kind: 'lose' })
  await clock.advance(5000)
  expect([client.shape(), client.audio().length]).toEqual(['Ma', 3200])
})

test('a stalled socket sends nothing more, not even a pong, and takes in what it is told', async () => {
  const { client, clock, service } = await speakThrough({ at: 'audio', nth: 2, what: { kind: 'stall' } })
  client.socket.on('pong', () => expect.unreachable())
  client.socket.ping()
  client.clear()
  client.send({ type: 'KeepAlive' })
  await clock.advance(3_600_000)
  expect([client.shape(), service.connections]).toEqual(['Ma', 1])
  expect(service.received.map((it) => it.kind)).toEqual(['speak', 'flush', 'clear', 'unreadable'])
})

test('a frozen socket reads nothing either', async () => {
  const { client, clock, service } = await speakThrough({ at: 'connect', what: { kind: 'freeze' } })
  await clock.advance(3_600_000)
  expect([client.shape(), service.connections, service.received]).toEqual(['M', 1, []])
})

test('TCP can end without a close frame, by FIN or RST, and any close frame can come', async () => {
  const codeOf = async (what: Incident['what']) => {
    const { client, clock } = await speakThrough({ at: 'audio', nth: 2, what })
    return [await clock.runUntil(client.closed), client.audio().length]
  }
  expect(await codeOf({ kind: 'drop' })).toEqual([{ code: 1006, reason: '' }, 1600])
  expect((await codeOf({ kind: 'drop', reset: true }))[0]).toEqual({ code: 1006, reason: '' })
  expect(await codeOf({ kind: 'close', code: 1012, reason: 'restart' })).toEqual([
    { code: 1012, reason: 'restart' },
    1600,
  ])
})

test.each([
  ['unknown-json', '?'],
  ['not-an-object', '?'],
  ['malformed-json', '?'],
  ['no-type', '?'],
  ['wrong-types', 'F'],
  ['prototype-keys', '?'],
  ['deep-json', '?'],
  ['empty', '?'],
  ['empty-binary', 'a'],
  ['json-as-binary', 'a'],
  ['huge', '?'],
  ['huge-binary', 'a'],
  ['stray-audio', 'a'],
  ['stray-flushed', 'F'],
  ['stray-cleared', 'C'],
] satisfies [OddFrame, string][])('the odd frame %s comes between, and everything goes on', async (frame, letter) => {
  const { client, clock, service } = await ready()
  service.strike({ kind: 'frame', frame, bytes: 100_000 })
  await clock.advance(0)
  client.say('Hi. ')
  client.flush()
  await clock.advance(5000)
  expect(client.shape()).toBe(`M${letter}aF`.replace('aa', 'a'))
})

test('what is huge is 8 MiB, unless said otherwise', async () => {
  const { client, clock, service } = await ready()
  service.strike({ kind: 'frame', frame: 'huge-binary' })
  await clock.advance(0)
  expect(client.audio()).toHaveLength(8 * 1024 * 1024)
})

test('what happens on one connection does not happen on another', async () => {
  const { clock, connect, service } = await start({
    incidents: [{ at: 'connect', connection: 2, what: { kind: 'close', code: 1013 } }],
  })
  const [first, second, third] = [connect(), connect(), connect()]
  expect(await clock.runUntil(second.closed)).toEqual({ code: 1013, reason: '' })
  await clock.runUntil(Promise.all([first.opened, third.opened]))
  expect(service.connections).toBe(2)
  service.strike({ kind: 'drop' }, 1)
  await clock.runUntil(first.closed)
  await clock.advance(0)
  expect([service.connections, third.socket.readyState]).toEqual([1, third.socket.OPEN])
})
