import { expect, test } from 'vitest'
import { createTextBuffer } from '../../../../src/simulator/deepgram/text-buffer.ts'
import { toneVoice } from '../../../../src/simulator/tone-voice.ts'
import { ready } from './harness.ts'

async function tone(text: string): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of toneVoice(text, { signal: new AbortController().signal })) pieces.push(piece)
  return Buffer.concat(pieces)
}

test('Metadata comes first, then audio of varying size without an id, then Flushed behind its audio', async () => {
  const { clock, client, service } = await ready()
  expect(client.frames()).toEqual([
    {
      type: 'Metadata',
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      model_name: 'aura-2-thalia-en',
      model_version: expect.any(String),
      model_uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
    },
  ])
  client.say('Hello there. ')
  client.say('How are you ')
  client.say('today?')
  client.flush()
  await clock.advance(5000)
  expect(client.shape()).toBe('MaF')
  expect(client.frames('Flushed')).toEqual([{ type: 'Flushed', sequence_id: 0 }])
  expect(client.audio()).toEqual(Buffer.concat([await tone('Hello there.'), await tone('How are you today?')]))
  const sizes = client.came.filter((it) => Buffer.isBuffer(it)).map((it) => it.length)
  expect(new Set(sizes).size).toBeGreaterThan(2)
  expect(service.spoken.map((it) => it.text)).toEqual(['Hello there.', 'How are you today?'])
  expect(Buffer.concat(service.spoken.map((it) => it.audio))).toEqual(client.audio())
  expect(service.faults).toEqual([])
})

test('Metadata can be missing', async () => {
  const { clock, client } = await ready({ metadata: 'missing' })
  client.say('Hi. ')
  client.flush()
  await clock.advance(5000)
  expect(client.shape()).toBe('aF')
})

test('whole sentences are spoken without a Flush, the rest waits for one', async () => {
  const { clock, client, service } = await ready()
  client.say('One. Two')
  await clock.advance(5000)
  expect([client.shape(), service.spoken.map((it) => it.text)]).toEqual(['Ma', ['One.']])
  client.say(' three')
  client.flush()
  await clock.advance(5000)
  expect([client.shape(), service.spoken[1]?.text]).toEqual(['MaF', 'Two three'])
})

test('as a switch, nothing is spoken before a Flush', async () => {
  const { clock, client, service } = await ready({ buffering: 'flush' })
  client.say('One. Two. ')
  await clock.advance(5000)
  expect(client.shape()).toBe('M')
  client.flush()
  await clock.advance(5000)
  expect([client.shape(), service.spoken.map((it) => it.text)]).toEqual(['MaF', ['One. Two.']])
})

test.each([
  [['One. Two! Three? Four'], ['One.', 'Two!', 'Three?'], 'Four'],
  [['A pi of 3.', '14 is fine. '], ['A pi of 3.14 is fine.'], ''],
  [['She said "no." And', ' left.'], ['She said "no."'], 'And left.'],
  [['One.\nTwo'], ['One.'], 'Two'],
  [['One.', 'Two'], [], 'One.Two'],
  [[' ', '\n'], [], ''],
  [['. . '], ['.', '.'], ''],
])('of %j the sentences are %j, and the rest "%s"', (pieces, sentences, rest) => {
  const buffer = createTextBuffer()
  for (const piece of pieces) buffer.add(piece)
  expect([buffer.takeSentences(), buffer.takeRest(), buffer.takeRest()]).toEqual([sentences, rest, ''])
})

test('every Flush has its own Flushed behind its own audio, counted from 0; or as a switch always 0', async () => {
  const { clock, client, service } = await ready()
  for (const text of ['One', 'Two']) {
    client.say(text)
    client.flush()
  }
  await clock.advance(5000)
  expect(client.shape()).toBe('MaFaF')
  expect(client.frames('Flushed').map((it) => it.sequence_id)).toEqual([0, 1])
  service.behaviour.sequenceIds = 'zero'
  client.flush()
  await clock.advance(0)
  expect(client.frames('Flushed').map((it) => it.sequence_id)).toEqual([0, 1, 0])
})

test('Flushed can come early, twice, late, or never', async () => {
  const shapeOf = async (behaviour: Parameters<typeof ready>[0]) => {
    const { clock, client } = await ready({ chunks: { kind: 'fixed', ms: 100 }, ...behaviour })
    client.say('Hello there')
    client.flush()
    client.say('Bye')
    client.flush()
    await clock.advance(5000)
    return client.shape()
  }
  expect(await shapeOf({ flushed: 'early' })).toBe('MaFaFa')
  expect(await shapeOf({ flushed: 'twice' })).toBe('MaFFaFF')
  expect(await shapeOf({ flushed: 'missing' })).toBe('Ma')
  const { clock, client } = await ready({ flushedDelayMs: 2000 })
  client.flush()
  await clock.advance(1999)
  expect(client.shape()).toBe('M')
  await clock.advance(1)
  expect(client.shape()).toBe('MF')
})

test('a Flush without text is answered, or as a switch not', async () => {
  const { clock, client } = await ready({ emptyFlush: 'nothing' })
  client.flush()
  client.say('  ')
  client.flush()
  client.say('Spoken. ')
  client.flush()
  client.flush()
  await clock.advance(5000)
  expect(client.shape()).toBe('MaF')
  const { clock: otherClock, client: other } = await ready()
  other.flush()
  other.say('  ')
  other.flush()
  await otherClock.advance(5000)
  expect(other.shape()).toBe('MFF')
})

test('the first audio comes 150 ms after its text, the rest at five times real time', async () => {
  const { clock, client } = await ready({ chunks: { kind: 'fixed', ms: 200 } })
  const began = client.atMs.length
  client.say('Forty characters, spoken in 2.4 seconds. ')
  await clock.advance(5000)
  expect(client.atMs.slice(began, began + 4)).toEqual([150, 190, 230, 270])
})

test('delay, gaps and rate are as given, and a text that waited is not delayed again', async () => {
  const gap = { everyChunks: 2, ms: 1000 }
  const { clock, client } = await ready({
    chunks: { kind: 'fixed', ms: 100 },
    firstAudioDelayMs: 2000,
    gap,
    deliveryRate: 1,
  })
  client.say('Abcd. Ab. ')
  await clock.advance(10_000)
  // 300 ms in chunks of 100, then 180 ms in chunks of 100 and 80.
  expect(client.atMs.slice(1)).toEqual([2000, 2100, 3200, 3300, 3380])
})

test('the sizes of frames are as named', async () => {
  const sizesOf = async (chunks: NonNullable<Parameters<typeof ready>[0]>['chunks'] & object) => {
    const { clock, client } = await ready({ chunks })
    client.say('Hello there. ')
    await clock.advance(5000)
    return client.came.filter((it) => Buffer.isBuffer(it)).map((it) => it.length)
  }
  expect(await sizesOf({ kind: 'whole' })).toEqual([12 * 480])
  expect(new Set(await sizesOf({ kind: 'tiny' }))).toEqual(new Set([160]))
  expect((await sizesOf({ kind: 'odd' })).slice(0, 3)).toEqual([799, 1, 161])
})

test('the frames of a text are cut otherwise than those of the text before', async () => {
  const { clock, client } = await ready()
  const sizesOf = async () => {
    const before = client.came.length
    client.say('The same text. ')
    await clock.advance(5000)
    return client.came.slice(before).map((it) => (Buffer.isBuffer(it) ? it.length : 0))
  }
  expect(await sizesOf()).not.toEqual(await sizesOf())
})

test('linear16 and alaw are made from what was spoken, at the rate that was asked for', async () => {
  const { clock, connect, service } = await ready({ chunks: { kind: 'odd' } })
  const spoken = async (query: string) => {
    const client = connect(query)
    await clock.runUntil(client.opened)
    client.say('Hello. ')
    await clock.advance(5000)
    return client.audio().length
  }
  expect(await spoken('model=aura-2-thalia-en')).toBe(6 * 480 * 3 * 2)
  expect(await spoken('encoding=linear16&sample_rate=8000')).toBe(6 * 480 * 2)
  expect(await spoken('encoding=alaw')).toBe(6 * 480)
  expect(await spoken('encoding=mulaw&sample_rate=16000')).toBe(6 * 480 * 2)
  expect(service.spoken.map((it) => it.audio.length)).toEqual([2880, 2880, 2880, 2880])
})

test('what was spoken tells connection, model and speed', async () => {
  const { clock, connect, service } = await ready()
  const client = connect('model=aura-2-viktoria-de&speed=0.9&encoding=mulaw')
  await clock.runUntil(client.opened)
  client.say('Guten Tag. ')
  await clock.advance(5000)
  expect(service.spoken).toMatchObject([
    { connection: 2, request: 0, model: 'aura-2-viktoria-de', speed: 0.9, text: 'Guten Tag.' },
  ])
})

test('the voice is told the language of the model', async () => {
  const languages: unknown[] = []
  const { clock, connect } = await ready(
    {},
    {
      voice: async function* (_text, { language }) {
        languages.push(language)
        yield new Uint8Array(80)
      },
    },
  )
  const client = connect('model=aura-2-viktoria-de&encoding=mulaw')
  await clock.runUntil(client.opened)
  client.say('Guten Tag. ')
  await clock.advance(1000)
  expect(languages).toEqual(['de'])
})
