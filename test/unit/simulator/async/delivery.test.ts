import { expect, test } from 'vitest'
import type { AsyncBehaviour } from '../../../../src/simulator/async/behaviour.ts'
import { createSteppedClock } from '../../../../src/simulator/clock.ts'
import { toneVoice } from '../../../../src/simulator/tone-voice.ts'
import { ready } from './harness.ts'

const text = 'Forty characters, spoken in 2.4 seconds. '

async function speak(behaviour: Partial<AsyncBehaviour>) {
  const started = await ready(behaviour)
  started.client.say(text, started.id)
  started.client.end(started.id)
  await started.clock.advance(20_000)
  const sizes = started.client.frames
    .filter((frame) => !frame.final)
    .map((frame) => Buffer.from(frame.audio ?? '', 'base64').length)
  return { ...started, sizes }
}

test('the first audio comes 150 ms after its transcript, the rest at five times real time', async () => {
  const { client } = await speak({})
  expect(client.atMs.slice(0, 4)).toEqual([150, 190, 230, 270])
  expect(client.frames).toHaveLength(13)
})

test('the delay of the first audio and the rate of delivery are as given', async () => {
  const { client } = await speak({ firstAudioDelayMs: 2000, deliveryRate: 1 })
  expect(client.atMs.slice(0, 3)).toEqual([2000, 2200, 2400])
  const { client: hasty } = await speak({ firstAudioDelayMs: 0, deliveryRate: Number.POSITIVE_INFINITY })
  expect(new Set(hasty.atMs)).toEqual(new Set([0]))
})

test('a transcript that waited behind another one is not delayed again', async () => {
  const { clock, client, id } = await ready({ deliveryRate: 1 })
  client.say('Abcdefghij. ', id)
  client.say('Klm. ', id)
  await clock.advance(20_000)
  // 660 ms of the first in chunks of 200, 200, 200 and 60 ms; then 240 ms of the second.
  expect(client.atMs).toEqual([150, 350, 550, 610, 810, 850])
})

test('there can be gaps inside an utterance', async () => {
  const { client } = await speak({ gap: { everyChunks: 3, ms: 1000 } })
  expect(client.atMs.slice(0, 7)).toEqual([150, 190, 230, 1270, 1310, 1350, 2390])
})

test.each([
  ['fixed', { kind: 'fixed', ms: 500 }, (sizes: number[]) => sizes.slice(0, -1).every((size) => size === 4000)],
  ['tiny', { kind: 'tiny' }, (sizes: number[]) => sizes.every((size) => size === 160)],
  ['odd', { kind: 'odd' }, (sizes: number[]) => sizes.slice(0, -1).every((size) => size % 2 === 1)],
  ['whole', { kind: 'whole' }, (sizes: number[]) => sizes.length === 1],
  [
    'random',
    { kind: 'random', seed: 7, minBytes: 5, maxBytes: 3000 },
    (sizes: number[]) => new Set(sizes).size > 3 && sizes.slice(0, -1).every((size) => size >= 5 && size <= 3000),
  ],
] as const)('%s chunks are cut as named, and are the audio of the voice', async (_name, chunks, fits) => {
  const { client, service, sizes } = await speak({ chunks })
  expect(sizes).toSatisfy(fits)
  const voiced: Uint8Array[] = []
  for await (const piece of toneVoice(text.trim(), { signal: new AbortController().signal })) voiced.push(piece)
  expect(client.audio()).toEqual(Buffer.concat(voiced))
  expect(Buffer.from(service.spoken[0]?.audio ?? [])).toEqual(Buffer.concat(voiced))
})

test('random chunks are the same for the same seed and others for another', async () => {
  const random = (seed: number) => speak({ chunks: { kind: 'random', seed, minBytes: 5, maxBytes: 3000 } })
  const [one, again, other] = [await random(1), await random(1), await random(2)]
  expect(again.sizes).toEqual(one.sizes)
  expect(other.sizes).not.toEqual(one.sizes)
})

test('what the voice needs in reality costs no simulated time', async () => {
  const { clock, client, id } = await ready(
    {},
    {
      voice: async function* (_text, { signal }) {
        for (let i = 0; i < 3 && !signal.aborted; i++) {
          await new Promise((resolve) => setTimeout(resolve, 20))
          yield new Uint8Array(1600).fill(0x20)
        }
      },
    },
  )
  client.say('Hello. ', id)
  await clock.advance(1000)
  expect(client.atMs).toEqual([150, 190, 230])
})

test('the voice is asked for no more than is delivered, and is stopped when the socket goes', async () => {
  let pieces = 0
  let aborted = false
  const { clock, client, id } = await ready(
    { deliveryRate: 1 },
    {
      voice: async function* (_text, { signal }) {
        signal.addEventListener('abort', () => {
          aborted = true
        })
        for (;;) {
          pieces++
          yield new Uint8Array(800).fill(0x20)
        }
      },
    },
  )
  client.say('Endless. ', id)
  await clock.advance(1150)
  expect(client.frames).toHaveLength(6)
  expect(pieces).toBeLessThan(20)
  client.socket.terminate()
  await clock.advance(1000)
  expect(aborted).toBe(true)
  const then = pieces
  await clock.advance(10_000)
  expect(pieces).toBe(then)
})

test('random chunks of a second transcript are other ones', async () => {
  const { clock, client, id } = await ready({ chunks: { kind: 'random', seed: 3, minBytes: 5, maxBytes: 3000 } })
  const sizesOf = async () => {
    const before = client.frames.length
    client.say(text, id)
    await clock.advance(5000)
    return client.frames.slice(before).map((frame) => frame.audio?.length)
  }
  expect(await sizesOf()).not.toEqual(await sizesOf())
})

test('late timers do not add up', async () => {
  let lateMs = 0
  const stepped = createSteppedClock(0)
  // Every timer fires 7 ms late, as a busy machine does it.
  const clock = { ...stepped, after: (ms: number, fire: () => void) => stepped.after(ms + lateMs, fire) }
  const { client, id } = await ready({ deliveryRate: 1 }, { clock })
  await stepped.advance(0)
  lateMs = 7
  client.say(text, id)
  await stepped.advance(2000)
  expect(client.frames).toHaveLength(10)
  expect(client.atMs.slice(0, 4)).toEqual([157, 357, 557, 757])
})

test('a voice slower than the pace moves what follows, without a burst behind it', async () => {
  const stepped = createSteppedClock(0)
  let slowMs = 0
  // Time that goes by while the voice works, as it does on a real clock.
  const clock = { ...stepped, now: () => stepped.now() + slowMs }
  const { client, id } = await ready(
    {},
    {
      clock,
      voice: async function* () {
        for (let i = 0; i < 5; i++) {
          if (i === 2) slowMs = 1000
          yield new Uint8Array(1600).fill(0x20)
        }
      },
    },
  )
  client.say(text, id)
  await stepped.advance(2000)
  expect(client.atMs.slice(1)).toEqual([1150, 1190, 1230, 1270])
})
