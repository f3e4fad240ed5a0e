import { expect, test } from 'vitest'
import { ready } from './harness.ts'

const hasty = { firstAudioDelayMs: 0, deliveryRate: Number.POSITIVE_INFINITY }
const voiceless = { voice: async function* () {} }

test('twenty Flushes in 60 s are obeyed; the next one is told EXCESSIVE_FLUSH and ignored, its text stays', async () => {
  const { clock, client, service } = await ready(hasty)
  for (let i = 0; i < 20; i++) client.flush()
  await clock.advance(1000)
  expect(client.frames('Flushed')).toHaveLength(20)
  client.say('Unflushed')
  client.flush()
  await clock.advance(1000)
  expect(client.shape()).toBe(`M${'F'.repeat(20)}W`)
  expect(client.frames('Warning')).toEqual([
    {
      type: 'Warning',
      warn_code: 'EXCESSIVE_FLUSH',
      warn_msg: 'Rate limit exceeded for flushes. Please try again later.',
    },
  ])
  expect(service.faults).toMatchObject([{ connection: 1, code: 'excessive-flush' }])
  await clock.advance(57_999)
  client.flush()
  await clock.advance(0)
  expect(client.frames('Warning')).toHaveLength(2)
  await clock.advance(1)
  client.flush()
  await clock.advance(100)
  expect(client.frames('Flushed')).toHaveLength(21)
  expect(service.spoken.map((it) => it.text)).toEqual(['Unflushed'])
})

test('a warning can have the fields of the API files', async () => {
  const { clock, client } = await ready({ flushesPerMinute: 0, warningForm: 'typed' })
  client.flush()
  await clock.advance(0)
  expect(client.frames('Warning')).toEqual([
    {
      type: 'Warning',
      code: 'EXCESSIVE_FLUSH',
      description: 'Rate limit exceeded for flushes. Please try again later.',
    },
  ])
})

test('more than 2,400 characters in 60 s end the socket with 1008 DATA-0001, cleared or not', async () => {
  const { clock, client, service } = await ready(hasty, voiceless)
  client.say('x'.repeat(1200))
  client.clear()
  client.say('x'.repeat(1200))
  await clock.advance(1000)
  expect(service.connections).toBe(1)
  client.say('x')
  expect(await clock.runUntil(client.closed)).toEqual({ code: 1008, reason: 'DATA-0001' })
  expect(service.faults).toMatchObject([{ code: 'characters-per-minute', detail: '2401 characters in 60 s' }])
})

test('characters count for 60 s, and no longer', async () => {
  const { clock, client, service } = await ready(hasty, voiceless)
  client.say('x'.repeat(1400))
  await clock.advance(30_000)
  client.say('x'.repeat(1000))
  await clock.advance(29_999)
  client.clear()
  await clock.advance(1)
  client.say('x'.repeat(1400))
  await clock.advance(0)
  expect([service.connections, service.faults]).toEqual([1, []])
  client.say('x')
  expect(await clock.runUntil(client.closed)).toEqual({ code: 1008, reason: 'DATA-0001' })
})

test('2,000 characters are one Speak, 2,001 end the socket with 1009 BIG-0001', async () => {
  const { clock, client, service } = await ready({ ...hasty, charactersPerMinute: 10_000 }, voiceless)
  client.say('x'.repeat(2000))
  await clock.advance(0)
  expect(service.connections).toBe(1)
  client.say('x'.repeat(2001))
  expect(await clock.runUntil(client.closed)).toEqual({ code: 1009, reason: 'BIG-0001' })
  expect(service.faults).toMatchObject([{ code: 'too-many-characters' }])
})

test('a message that is too large ends the socket with 1009 BIG-0000', async () => {
  const { clock, client, service } = await ready({ messageBytes: 100 })
  client.send({ type: 'Clear', padding: 'x'.repeat(100) })
  expect(await clock.runUntil(client.closed)).toEqual({ code: 1009, reason: 'BIG-0000' })
  expect(service.received).toMatchObject([{ kind: 'unreadable', message: undefined, faults: ['too-large'] }])
})

test.each([
  [{ type: 'Reset' }, 'unknown-message'],
  [{ type: 'KeepAlive' }, 'unknown-message'],
  [{ type: 'speak', text: 'x' }, 'unknown-message'],
  [{ text: 'x' }, 'unknown-message'],
  [['Flush'], 'unknown-message'],
  ['{"type":"Flush"', 'not-json'],
  [{ type: 'Speak' }, 'missing-field'],
  [{ type: 'Speak', text: 3 }, 'wrong-type'],
] as const)('%j is no command: 1008 DATA-0000', async (message, fault) => {
  const { clock, client, service } = await ready()
  client.send(message)
  expect(await clock.runUntil(client.closed)).toEqual({ code: 1008, reason: 'DATA-0000' })
  expect(service.faults.map((it) => it.code)).toEqual([fault])
})

test('what is no command can be ignored; it is a fault either way', async () => {
  const { clock, client, service } = await ready({ badMessage: 'ignore' })
  client.send({ type: 'KeepAlive' })
  client.flush()
  await clock.advance(100)
  expect([client.shape(), service.received.map((it) => it.verdict)]).toEqual(['MF', ['unknown-message', 'ok']])
})

test('a binary message ends the socket with 1003 MESSAGE-0000', async () => {
  const { clock, client, service } = await ready()
  client.send(Buffer.from('{"type":"Flush"}'))
  expect(await clock.runUntil(client.closed)).toEqual({ code: 1003, reason: 'MESSAGE-0000' })
  expect(service.received).toMatchObject([{ kind: 'binary', message: undefined, verdict: 'binary' }])
})

test('what is obeyed and still not as documented is a fault', async () => {
  const { clock, client, service } = await ready(hasty)
  client.send({ type: 'Speak', text: '' })
  client.send({ type: 'Speak', text: 'Hi. ', context_id: '1' })
  client.send({ type: 'Flush', force: true })
  await clock.advance(100)
  expect(client.shape()).toBe('MaF')
  expect(service.faults.map((it) => [it.code, it.detail])).toEqual([
    ['empty-text', 'Speak without a character'],
    ['unknown-field', 'context_id'],
    ['unknown-field', 'force'],
  ])
})

test('no fault tells the text that was spoken', async () => {
  const { clock, client, service } = await ready({ badMessage: 'ignore', charactersPerMessage: 20 })
  client.send({ type: 'Speak', words: 'The secret is out.' })
  client.send('The secret is out.')
  client.say('The secret is out. The secret is out.')
  await clock.runUntil(client.closed)
  expect(service.faults).toHaveLength(4)
  expect(JSON.stringify(service.faults)).not.toContain('secret')
})
