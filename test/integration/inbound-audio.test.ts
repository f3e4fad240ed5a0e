import { expect, test } from 'vitest'
import { msToBytes } from '../../src/audio/duration.ts'
import { startWorld, type World } from '../world.ts'

const to = '+15551230001'
/** Every byte of it differs from the next: a lost, doubled or displaced one would show. */
const speech = (ms: number) => Uint8Array.from({ length: msToBytes(ms) }, (_, index) => 1 + (index % 97))

async function listening(world: World) {
  const phone = world.network.phone(to)
  const call = world.dial(to, 'Tell me.', {}, async (line) => {
    await line.say('Tell me.')
    await new Promise<void>((resolve) => line.signal.addEventListener('abort', () => resolve()))
  })
  await world.until(call.streaming)
  const parts: { payload: string; timestampMs: number }[] = []
  const leave = call.listen((payload, timestampMs) => void parts.push({ payload, timestampMs }))
  const heard = () => Buffer.concat(parts.map(({ payload }) => Buffer.from(payload, 'base64')))
  return { phone, call, parts, heard, leave }
}

test('what the callee says reaches a listener bit by bit, in order, and nothing after it left', async () => {
  await using world = await startWorld()
  const { phone, call, parts, heard, leave } = await listening(world)
  phone.speak(speech(1000))
  await world.clock.advance(2_000)
  const all = heard()
  expect(all.includes(Buffer.from(speech(1000)))).toBe(true)
  expect(parts.every((part) => part.payload.length === 216)).toBe(true)
  const times = parts.map((part) => part.timestampMs)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  leave()
  const before = parts.length
  phone.speak(speech(500))
  await world.clock.advance(1_000)
  expect(parts.length).toBe(before)
  call.end('cancelled')
  await world.until(call.outcome)
})

test('media is parsed while somebody listens, and at no other time', async () => {
  await using world = await startWorld()
  const { call, leave } = await listening(world)
  const malformed = async () => {
    const answer = await world.until(fetch(`${world.publicUrl}/metrics`))
    return /^callbridge_malformed_messages_total (\d+)$/m.exec(await answer.text())?.[1]
  }
  const stream = world.network.calls[0]?.streams[0]
  // Media by its first bytes, of which the rest is nonsense.
  stream?.sendRaw('{"event":"media","media":')
  await world.clock.advance(100)
  expect(await malformed()).toBe('1')
  leave()
  stream?.sendRaw('{"event":"media","media":')
  await world.clock.advance(100)
  expect(await malformed()).toBe('1')
  call.end('cancelled')
  await world.until(call.outcome)
})
