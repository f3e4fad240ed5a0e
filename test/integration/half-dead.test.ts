import { describe, expect, test } from 'vitest'
import type { Flow } from '../../src/flows/flow.ts'
import type { NetworkBehaviour } from '../../src/simulator/phone-network/behaviour.ts'
import type { SpeechProvider } from '../../src/speech/provider.ts'
import { leftOf, nothing } from '../left-behind.ts'
import { startWorld } from '../world.ts'

const to = '+15551230001'
const text = 'This is the first sentence. This is the second sentence. And this is the third one.'
const long = text.repeat(20)

/** The flow speaks on for minutes; what happens to the stream ends the call. Returns how long that took. */
async function lostUnder(behaviour: Partial<NetworkBehaviour>, brokenAtMs: number, change?: Partial<NetworkBehaviour>) {
  await using world = await startWorld({ network: { behaviour }, lookEveryMs: 2000 })
  const phone = world.network.phone(to, { answer: { afterMs: 0 } })
  const call = world.dial(to, long)
  await world.until(call.streaming)
  const openedMs = world.clock.now()
  if (change) {
    await world.clock.advance(brokenAtMs)
    Object.assign(world.network.behaviour, change)
    if (change.pauseReading) world.network.calls[0]?.streams[0]?.pauseReading()
  }
  const ended = Promise.withResolvers<number>()
  call.signal.addEventListener('abort', () => ended.resolve(world.clock.now()))
  const noticedMs = (await world.until(ended.promise)) - openedMs - brokenAtMs
  const outcome = await world.until(call.outcome)
  await world.clock.advance(20_000)
  expect(leftOf(world)).toEqual(nothing)
  return { noticedMs, outcome, phone, calls: world.network.calls.map((one) => one.status), app: world.app }
}

describe('a half-dead media stream', () => {
  test('it goes dead without a word: noticed within ten seconds, the call is ended', async () => {
    const { noticedMs, outcome, calls, app, phone } = await lostUnder({ freezeStreamAfterMs: 3000 }, 3000)
    expect(outcome).toMatchObject({ status: 'partly-heard' })
    // Whichever is noticed first: that nothing comes, that nothing is read, or that marks do not come back.
    expect(['silent', 'not-reading', undefined]).toContain(outcome.error?.details['loss'])
    expect(['stream-lost', 'playback-unconfirmed']).toContain(outcome.reason)
    expect(outcome.heardMs).toBeLessThanOrEqual(phone.heardMs)
    expect(noticedMs).toBeLessThanOrEqual(10_000)
    expect(noticedMs).toBeGreaterThan(5000)
    expect(calls).toEqual(['completed'])
    expect(app.calls()).toEqual([])
  })

  test('it stops reading, while its frames still come: noticed within ten seconds', async () => {
    const { noticedMs, outcome, calls } = await lostUnder({}, 3000, { pauseReading: true })
    expect(outcome).toMatchObject({ reason: 'stream-lost', error: { details: { loss: 'not-reading' } } })
    expect(noticedMs).toBeLessThanOrEqual(10_000)
    expect(noticedMs).toBeGreaterThan(3000)
    expect(calls).toEqual(['completed'])
  })

  test('it reads too slowly for what is spoken: the buffer has a bound, and the call is ended', async () => {
    // A voice without any measure: half a minute of sound at a time, as fast as it is taken.
    let produced = 0
    const payload = Buffer.alloc(240_000, 0xff).toString('base64')
    const flood: SpeechProvider = {
      name: 'flood',
      capabilities: { languages: undefined, markup: false },
      open: () => ({
        ready: Promise.resolve(),
        speak(sink) {
          let speaking = true
          const pour = () => {
            if (!speaking) return
            produced++
            sink.audio(payload, 240_000)
            setImmediate(pour)
          }
          const stop = () => {
            if (speaking) sink.ended({ kind: 'cancelled' })
            speaking = false
          }
          return { push: () => setImmediate(pour), end() {}, cancel: stop }
        },
        close: async () => {},
      }),
    }
    await using world = await startWorld({ real: true, speech: flood, network: { behaviour: { pauseReading: true } } })
    world.network.phone(to, { answer: { afterMs: 0 } })
    const outcome = await world.dial(to, 'Much.').outcome
    expect(outcome).toMatchObject({
      reason: 'stream-lost',
      error: { code: 'stream.lost', details: { loss: 'too-slow' } },
    })
    // The bound of 8 MiB, and what the two operating systems' buffers took.
    expect(produced * payload.length).toBeLessThan(32 * 1_048_576)
    expect(world.network.calls[0]?.status).toBe('completed')
  })

  test('it answers no pings at all, and all is heard', async () => {
    await using world = await startWorld({ network: { behaviour: { answerPings: false } }, lookEveryMs: 10_000 })
    world.network.phone(to)
    expect(await world.until(world.dial(to, long).outcome)).toMatchObject({ status: 'heard', reason: 'completed' })
  })
})

describe('a call that goes on for too long', () => {
  const forever: Flow = (call) =>
    new Promise((_, reject) => call.signal.addEventListener('abort', () => reject(call.signal.reason)))

  test('nothing is heard or said for a while: it ends as idle', async () => {
    await using world = await startWorld({ settings: { IDLE_TIMEOUT_MS: '20000' } })
    const phone = world.network.phone(to, { answer: { afterMs: 0 }, steps: [{ afterAnswerMs: 15_000, press: '1' }] })
    const outcome = await world.until(world.dial(to, '', {}, forever).outcome)
    await world.until(phone.ended)
    expect(outcome).toMatchObject({ reason: 'idle', keys: '1', error: { code: 'call.idle' } })
    const lengthMs = Date.parse(outcome.endedAt) - Date.parse(outcome.answeredAt ?? '')
    expect(lengthMs).toBeGreaterThanOrEqual(35_000)
    expect(lengthMs).toBeLessThan(37_000)
    expect(world.network.calls[0]?.status).toBe('completed')
  })

  test('it lasts longer than MAX_CALL_MS: it ends with what was heard', async () => {
    await using world = await startWorld({ settings: { MAX_CALL_MS: '6000' } })
    const phone = world.network.phone(to, { answer: { afterMs: 0 } })
    const outcome = await world.until(world.dial(to, long).outcome)
    await world.until(phone.ended)
    expect(outcome).toMatchObject({ status: 'partly-heard', reason: 'time-limit', error: { code: 'call.too-long' } })
    expect(Date.parse(outcome.endedAt) - Date.parse(outcome.answeredAt ?? '')).toBe(6000)
  })

  test('Twilio is told the length too, and ends a call that we no longer can', async () => {
    await using world = await startWorld({ settings: { MAX_CALL_MS: '60000', IDLE_TIMEOUT_MS: '3600000' } })
    world.network.phone(to, { answer: { afterMs: 0 } })
    const call = world.dial(to, '', {}, forever)
    await world.until(call.streaming)
    const options: unknown = Reflect.get(world.network.calls[0] ?? {}, 'options')
    expect(options).toMatchObject({ timeLimitMs: 65_000 })
    call.end('cancelled')
    await world.until(call.outcome)
  })
})
