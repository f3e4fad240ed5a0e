import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import type { Voice } from '../../src/simulator/voice.ts'
import { rememberSpoken, startWorld } from '../world.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heapBytes(): number {
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

const sentence = 'This sentence is one of very many, and each is heard in its turn. '

/** A voice at another pace than the estimate of 65 ms a character, with bytes that tell every place from every other. */
function voiceAt(pace: number): Voice {
  let made = 0
  return async function* (text) {
    const bytes = new Uint8Array(Math.round(text.trim().length * 65 * pace) * 8)
    for (let i = 0; i < bytes.length; i++) bytes[i] = (made++ * 31) & 0x7f
    yield await Promise.resolve(bytes)
  }
}

const cases = [
  { minutes: 5, pace: 1, deliveryRate: 5 },
  { minutes: 10, pace: 0.5, deliveryRate: 5 },
  { minutes: 10, pace: 0.7, deliveryRate: 1.2 },
  { minutes: 10, pace: 2, deliveryRate: 20 },
]

describe('long texts', () => {
  test.each(cases)(
    '$minutes minutes at $pace times the estimate, made at $deliveryRate times real time, are heard to the last byte',
    async ({ minutes, pace, deliveryRate }) => {
      await using world = await startWorld({ async: { voice: voiceAt(pace), behaviour: { deliveryRate } } })
      const phone = world.network.phone('+15551230001')
      const text = sentence.repeat(Math.ceil((minutes * 60_000) / pace / 65 / sentence.length)).slice(0, 40_000)
      const outcome = await world.until(world.dial('+15551230001', text).outcome)
      await world.until(phone.ended)
      const produced = Buffer.concat(world.async.spoken.map((one) => one.audio))
      expect(outcome).toMatchObject({ status: 'heard', error: null, heardMs: produced.length / 8 })
      expect(outcome.heardMs).toBeGreaterThan(minutes * 60_000 * 0.8)
      expect(Buffer.compare(Buffer.from(phone.heard), produced)).toBe(0)
      expect(world.network.faults).toEqual([])
    },
  )

  test('a callee who hangs up early has not cost the rest of a long text', async () => {
    await using world = await startWorld({ async: { voice: voiceAt(1), behaviour: { deliveryRate: 20 } } })
    const phone = world.network.phone('+15551230001', { hangUp: { afterHeardMs: 10_000 } })
    await world.until(world.dial('+15551230001', sentence.repeat(200)).outcome)
    await world.until(phone.ended)
    const spokenMs = world.async.spoken.reduce((sum, one) => sum + one.audio.length / 8, 0)
    expect(spokenMs).toBeGreaterThan(10_000)
    expect(spokenMs).toBeLessThan(150_000)
  })

  test('marks that stop coming back in the middle of a long text end the call', async () => {
    await using world = await startWorld({ async: { voice: voiceAt(1), behaviour: { deliveryRate: 20 } } })
    world.network.phone('+15551230001')
    const call = world.dial('+15551230001', sentence.repeat(200))
    await world.clock.advance(20_000)
    world.network.behaviour.pauseReading = true
    const [stream] = world.network.calls[0]?.streams ?? []
    stream?.pauseReading()
    const outcome = await world.until(call.outcome)
    expect(outcome).toMatchObject({ status: 'partly-heard', reason: 'playback-unconfirmed' })
  })

  test.each([
    ['one string', (text: string) => text],
    [
      'tokens that are being written',
      async function* (text: string) {
        for (const [token] of text.matchAll(/\s*\S+/g)) yield await Promise.resolve(token)
      },
    ],
  ])('twenty minutes of speech as %s: every byte is heard, and no memory grows', async (_, written) => {
    // As fast as it can be made: what waits at Twilio is bounded by what the service is asked for, and nothing else.
    const behaviour = { deliveryRate: Number.POSITIVE_INFINITY }
    await using world = await startWorld({ async: { voice: voiceAt(0.9), behaviour } })
    const phone = world.network.phone('+15551230001')
    const text = sentence.repeat(Math.ceil((21 * 60_000) / 0.9 / 65 / sentence.length))
    rememberSpoken(text)
    const call = world.dial('+15551230001', '', {}, async (line) => {
      expect((await line.say(written(text))).heardText).toBe(text.trim())
    })
    const heardFor = (minutes: number) =>
      new Promise<void>((resolve) => {
        const unwatch = call.watch((event) => {
          if (event.type !== 'progress' || event.heardMs < minutes * 60_000) return
          unwatch()
          resolve()
        })
      })
    await world.until(heardFor(5))
    const early = heapBytes()
    await world.until(heardFor(20))
    const late = heapBytes()
    const outcome = await world.until(call.outcome)
    await world.until(phone.ended)
    const produced = Buffer.concat(world.async.spoken.map((one) => one.audio))
    expect(outcome).toMatchObject({ status: 'heard', error: null, heardMs: produced.length / 8 })
    expect(outcome.heardMs).toBeGreaterThan(20 * 60_000)
    expect(Buffer.compare(Buffer.from(phone.heard), produced)).toBe(0)
    // The network blames whoever makes it buffer more than ten minutes.
    expect(world.network.faults).toEqual([])
    // The emulators' own account of what they played is some two megabytes; the audio of the call would be nine.
    expect(late - early).toBeLessThan(4 * 1_048_576)
  })
})
