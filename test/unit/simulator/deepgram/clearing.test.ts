import { expect, test } from 'vitest'
import type { DeepgramBehaviour } from '../../../../src/simulator/deepgram/behaviour.ts'
import { ready } from './harness.ts'

const text = 'A sentence that takes a while to be spoken. '
const pace = { chunks: { kind: 'fixed', ms: 100 }, firstAudioDelayMs: 0, deliveryRate: 1 } as const

/** Cleared amid the audio of the first of two texts, each with its Flush. */
async function clearAmid(behaviour: Partial<DeepgramBehaviour>) {
  const started = await ready({ ...pace, clearWindowMs: 250, ...behaviour })
  const { clock, client } = started
  client.say(text)
  client.flush()
  client.say('Another one. And a rest')
  client.flush()
  await clock.advance(450)
  const before = client.came.length
  client.clear()
  client.say('Fresh. ')
  client.flush()
  await clock.advance(10_000)
  return { ...started, before, after: client.came.slice(before) }
}

test('after Clear, audio that was on its way still comes, then Cleared, then what was said since', async () => {
  const { client, after, before, service } = await clearAmid({})
  expect(client.shape()).toBe('MaCaF')
  const cleared = after.findIndex((it) => !Buffer.isBuffer(it))
  expect(after[cleared]).toEqual({ type: 'Cleared', sequence_id: 0 })
  // Two chunks of 100 ms in a window of 250 ms.
  expect([cleared, client.atMs[before + cleared]]).toEqual([2, 700])
  expect(service.spoken.map((it) => it.text)).toEqual([text.trim(), 'Fresh.'])
  expect(Buffer.concat(service.spoken.map((it) => it.audio))).toEqual(client.audio())
  expect(Buffer.from(service.spoken[1]?.audio ?? [])).toHaveLength(6 * 480)
})

test('without a window nothing comes between Clear and Cleared', async () => {
  const { after } = await clearAmid({ clearWindowMs: 0 })
  expect(after[0]).toMatchObject({ type: 'Cleared' })
})

test('a Clear with nothing to clear is answered all the same', async () => {
  const { clock, client } = await ready()
  client.clear()
  await clock.advance(49)
  expect(client.shape()).toBe('M')
  await clock.advance(1)
  expect(client.shape()).toBe('MC')
})

test('Clear drops text that waits for the end of its sentence', async () => {
  const { clock, client, service } = await ready()
  client.say('Half a')
  client.clear()
  client.say('A new')
  client.flush()
  await clock.advance(5000)
  expect(service.spoken.map((it) => it.text)).toEqual(['A new'])
})

test('audio that a text has not begun with does not come after its Clear', async () => {
  const { clock, client } = await ready({ firstAudioDelayMs: 1000, clearWindowMs: 500 })
  client.say(text)
  client.flush()
  await clock.advance(300)
  client.clear()
  await clock.advance(5000)
  expect(client.shape()).toBe('MC')
})

test('a Flush that a Clear overtook can still yield its Flushed, before Cleared or after it', async () => {
  const shapeOf = async (flushedAfterClear: DeepgramBehaviour['flushedAfterClear']) =>
    (await clearAmid({ flushedAfterClear })).client.shape()
  expect(await shapeOf('before-cleared')).toBe('MaFFCaF')
  expect(await shapeOf('after-cleared')).toBe('MaCFFaF')
})

test('Cleared can come early with late audio behind it, twice, or never', async () => {
  const shapeOf = async (cleared: DeepgramBehaviour['cleared']) => (await clearAmid({ cleared })).client.shape()
  expect(await shapeOf('early')).toBe('MaCaF')
  expect(await shapeOf('twice')).toBe('MaCCaF')
  expect(await shapeOf('missing')).toBe('MaF')
  const { after, service } = await clearAmid({ cleared: 'early' })
  const late = after.slice(1, 3)
  expect([after[0], late.every((it) => Buffer.isBuffer(it))]).toMatchObject([{ type: 'Cleared' }, true])
  expect(Buffer.from(service.spoken[0]?.audio ?? []).subarray(-1600)).toEqual(Buffer.concat(late as Buffer[]))
})

test('a Flush whose answer is late is cleared too', async () => {
  const { clock, client } = await ready({ flushedDelayMs: 1000, clearWindowMs: 2000 })
  client.flush()
  await clock.advance(500)
  client.clear()
  await clock.advance(5000)
  expect(client.shape()).toBe('MC')
})

test('two Clears have two answers, in order', async () => {
  const { clock, client } = await ready({ ...pace, clearWindowMs: 200 })
  client.say(text)
  await clock.advance(50)
  client.clear()
  await clock.advance(50)
  client.clear()
  await clock.advance(5000)
  expect(client.frames('Cleared').map((it) => it.sequence_id)).toEqual([0, 1])
})

test('text that was cleared makes no Flush worth an answer', async () => {
  const { clock, client } = await ready({ emptyFlush: 'nothing' })
  client.say('Half a')
  client.clear()
  client.flush()
  await clock.advance(5000)
  expect(client.shape()).toBe('MC')
})

test('a voice that fails because it was stopped does no harm', async () => {
  const { clock, client, service } = await ready(pace, {
    voice: async function* (_text, { signal }) {
      while (!signal.aborted) yield new Uint8Array(800).fill(0x20)
      throw new Error('stopped')
    },
  })
  client.say(text)
  await clock.advance(300)
  client.clear()
  await clock.advance(5000)
  expect([client.shape(), service.connections]).toEqual(['MaC', 1])
})
