import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { ready } from './harness.ts'

const id = randomUUID()

test.each([
  ['text in the field text', { text: 'Welcome. ' }, 'text-for-transcript', 'unreadable'],
  ['a transcript without its trailing space', { transcript: 'Hello.', context_id: id }, 'trailing-space', 'text'],
  ['a transcript with two trailing spaces', { transcript: 'Hello.  ', context_id: id }, 'trailing-space', 'text'],
  ['a context id that is no UUID', { transcript: 'Hello. ', context_id: 'c1' }, 'context-not-uuid', 'text'],
  ['the first half of a tag', { transcript: 'Wait <break tim ', context_id: id }, 'split-markup', 'text'],
  ['the second half of a tag', { transcript: "e='1s'/> now ", context_id: id }, 'split-markup', 'text'],
  ['an element over two messages', { transcript: '<digits>12 ', context_id: id }, 'split-markup', 'text'],
  ['a tag that is not known', { transcript: '<b>loud</b> ', context_id: id }, 'unknown-markup', 'text'],
  ['a break without a unit', { transcript: "<break time='400'/> ", context_id: id }, 'bad-markup', 'text'],
  ['an unknown field', { transcript: 'Hello. ', context_id: id, voice_speed: 2 }, 'unknown-field', 'text'],
  ['close_context without a transcript', { context_id: id, close_context: true }, 'missing-field', 'close-context'],
  ['a transcript that is no string', { transcript: 5 }, 'wrong-type', 'unreadable'],
  ['force that is no boolean', { transcript: 'Hello. ', force: 'yes' }, 'wrong-type', 'unreadable'],
  ['a context id that is no string', { transcript: 'Hello. ', context_id: 5 }, 'wrong-type', 'unreadable'],
  ['a message of another kind', { hello: 'world' }, 'unknown-message', 'unreadable'],
  ['an array', [1], 'unknown-message', 'unreadable'],
  ['what is no JSON', '{"transcript":', 'not-json', 'unreadable'],
])('%s is a fault', async (_name, message, code, kind) => {
  const { clock, service, client } = await ready()
  client.send(message)
  await clock.advance(0)
  expect(service.faults).toMatchObject([{ connection: 1, atMs: 0, code }])
  expect(service.received.at(-1)).toMatchObject({ connection: 1, kind, verdict: code, faults: [code] })
})

test('a binary message is a fault', async () => {
  const { clock, service, client } = await ready()
  client.socket.send(Buffer.from([1, 2, 3]))
  await clock.advance(0)
  expect(service.faults.map((it) => it.code)).toEqual(['binary'])
})

test('a message of more than 1 MiB is a fault and ends the socket with 1009', async () => {
  const { clock, service, client } = await ready()
  client.say(`${'x'.repeat(1024 * 1024)} `, id)
  expect((await clock.runUntil(client.closed)).code).toBe(1009)
  expect(service.faults.map((it) => it.code)).toEqual(['too-large'])
})

test('what cannot be understood is answered by an error frame, or as a switch by nothing', async () => {
  const { clock, service, client, id } = await ready()
  client.send('{')
  client.send({ text: 'Welcome. ' })
  await clock.advance(0)
  expect(client.errors()).toEqual(['INVALID_REQUEST', 'INVALID_REQUEST'])
  service.behaviour.badMessage = 'ignore'
  client.send('{')
  client.say('Hello. ', id)
  await clock.advance(5000)
  expect(client.shape()).toMatch(/^XXa+$/)
})

test('everything a careful client sends is received without a fault, in order', async () => {
  const { clock, service, client, id } = await ready()
  client.send({ transcript: ' ' })
  client.say("Hello <break time='400ms'/> <digits>(123) 4-5.6</digits> <phonemes>ˈeɪ</phonemes>. ", id)
  client.say(' ', id)
  client.end(id)
  client.closeContext(id)
  client.send({ terminate: true })
  await clock.runUntil(client.closed)
  expect(service.faults).toEqual([])
  expect(service.received.map((it) => it.kind)).toEqual([
    'init',
    'blank',
    'text',
    'blank',
    'end',
    'close-context',
    'close-connection',
  ])
  expect(service.received.every((it) => it.verdict === 'ok' && it.connection === 1)).toBe(true)
  expect(service.received[1]?.message).toEqual({ transcript: ' ' })
})

test('a hostile message breaks nothing', async () => {
  const { clock, service, client, id } = await ready()
  client.send('{"__proto__":{"transcript":"Hello. "}}')
  client.send(`{"transcript":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)
  client.send('"\\ud800"')
  client.send('null')
  client.send('')
  client.say('Still here. ', id)
  await clock.advance(5000)
  expect(client.shape()).toMatch(/^XXXXXa+$/)
  expect(service.spoken.map((it) => it.transcript)).toEqual(['Still here. '])
})
