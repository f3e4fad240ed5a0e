import { describe, expect, test } from 'vitest'
import type { SpeechProvider } from '../../src/speech/provider.ts'
import { leftOf, nothing } from '../left-behind.ts'
import { startWorld, type World } from '../world.ts'
import { apiOf } from './api-client.ts'

const to = '+15551230001'
const text = 'This is the first sentence. This is the second sentence. And this is the third one.'
const long = text.repeat(10)
const sentence = 'We have to stop here.'
const settings = { DRAIN_TIMEOUT_MS: '5000', DRAIN_SENTENCE: sentence }

const ready = async (world: World) => (await fetch(`${world.publicUrl}/readyz`)).status

describe('draining', () => {
  test('a running call finishes its flow, nothing new is taken, and then nothing is left', async () => {
    await using world = await startWorld({ settings: { ...settings, DRAIN_TIMEOUT_MS: '60000' } })
    const phone = world.network.phone(to, { answer: { afterMs: 0 } })
    const call = world.dial(to, text)
    await world.until(call.streaming)
    expect(await ready(world)).toBe(200)
    const drained = world.app.drain()
    const health = await fetch(`${world.publicUrl}/readyz`)
    expect([health.status, await health.json()]).toEqual([503, { status: 'not-ready', missing: ['takes-calls'] }])
    expect((await fetch(`${world.publicUrl}/healthz`)).status).toBe(200)
    expect(() => world.dial('+15551230002', 'No.')).toThrow(expect.objectContaining({ code: 'server.draining' }))
    const caller = world.network.dialIn({ from: '+15551239999', voiceUrl: `${world.publicUrl}/twilio/voice` })
    await world.until(caller.ended)
    expect(caller.said).toEqual([sentence])
    expect(world.app.refusals.counts.draining).toBe(1)
    expect(await world.until(call.outcome)).toMatchObject({ status: 'heard', reason: 'completed', heardText: text })
    await world.until(drained)
    await world.until(phone.ended)
    expect(world.network.calls.map((one) => one.status)).toEqual(['completed', 'completed'])
    expect(world.app.calls()).toEqual([])
  })

  test('who places a call meanwhile gets 503 and when to try again, and a repeated request its first call', async () => {
    await using world = await startWorld({ settings })
    const api = apiOf(world)
    world.network.phone(to, { answer: { afterMs: 60_000 } })
    const first = await api.place(to, text, { 'idempotency-key': 'one' })
    const drained = world.app.drain()
    const refused = await api.refused({ to, message: text }, { 'idempotency-key': 'two' })
    expect(refused.body).toMatchObject({ status: 503, code: 'server.draining', retryable: true })
    expect(refused.headers.get('retry-after')).toBe('10')
    const again = await api.place(to, text, { 'idempotency-key': 'one' })
    expect([again.status, again.body.callId]).toEqual([201, first.body.callId])
    await world.until(drained)
    expect(world.network.calls).toHaveLength(1)
  })

  test('a call that does not finish in time hears a last sentence, which is not counted as heard', async () => {
    await using world = await startWorld({ settings })
    const phone = world.network.phone(to, { answer: { afterMs: 0 } })
    const call = world.dial(to, long)
    await world.until(call.streaming)
    const beganMs = world.clock.now()
    await world.until(world.app.drain())
    const outcome = await call.outcome
    expect(outcome).toMatchObject({ status: 'partly-heard', reason: 'server-stopped', error: null })
    expect(outcome.heardText).not.toContain(sentence)
    expect(outcome.heardMs).toBeLessThanOrEqual(5000)
    const last = world.async.spoken.filter((one) => one.transcript.includes(sentence)).map((one) => one.audio)
    const spoken = Buffer.concat(last)
    expect(spoken.length).toBeGreaterThan(0)
    expect(Buffer.compare(Buffer.from(phone.heard).subarray(-spoken.length), spoken)).toBe(0)
    expect(outcome.sentMs).toBeGreaterThan(outcome.heardMs)
    expect(world.clock.now() - beganMs).toBeLessThan(5000 + 10_000 + 4000)
    expect(world.network.calls[0]?.status).toBe('completed')
    expect(world.network.calls[0]?.streams[0]?.closeCode).toBe(1001)
    expect(world.async.connections).toBe(0)
  })

  test('the speech service is silent when the last sentence is asked for: the call ends all the same', async () => {
    const texts: string[] = []
    const mute: SpeechProvider = {
      name: 'mute',
      capabilities: { languages: undefined, markup: false },
      open: () => ({
        ready: Promise.resolve(),
        speak: () => ({ push: (said) => void texts.push(said), end() {}, cancel() {} }),
        close: async () => {},
      }),
    }
    await using world = await startWorld({ settings, speech: mute })
    world.network.phone(to, { answer: { afterMs: 0 } })
    const call = world.dial(to, text)
    await world.until(call.streaming)
    const beganMs = world.clock.now()
    await world.until(world.app.drain())
    expect(await call.outcome).toMatchObject({ status: 'unheard', reason: 'server-stopped' })
    expect(texts).toContain(sentence)
    expect(world.clock.now() - beganMs).toBe(15_000)
    expect(world.network.calls[0]?.status).toBe('completed')
  })

  test('the callee hangs up during the last sentence: the outcome stays as it was', async () => {
    await using world = await startWorld({ settings })
    const phone = world.network.phone(to, { answer: { afterMs: 0 } })
    const call = world.dial(to, long)
    await world.until(call.streaming)
    const drained = world.app.drain()
    await world.clock.advance(5500)
    expect(call.signal.aborted).toBe(true)
    expect(world.app.calls()).toHaveLength(1)
    phone.hangUp()
    await world.until(drained)
    expect(await call.outcome).toMatchObject({ reason: 'server-stopped', status: 'partly-heard' })
  })

  test('a flow that goes on by itself after the end neither speaks nor ends the last sentence', async () => {
    await using world = await startWorld({ settings })
    const phone = world.network.phone(to, { answer: { afterMs: 0 } })
    const call = world.dial(to, '', {}, async (flow) => {
      await flow.say(long).catch(() => {})
      await flow.say('Never to be heard.')
    })
    await world.until(call.streaming)
    await world.until(world.app.drain())
    const spoken = world.async.spoken.map((one) => one.transcript).join(' ')
    expect(spoken).toContain(sentence)
    expect(spoken).not.toContain('Never')
    const last = Buffer.concat(
      world.async.spoken.filter((one) => one.transcript.includes(sentence)).map((one) => one.audio),
    )
    expect(Buffer.compare(Buffer.from(phone.heard).subarray(-last.length), last)).toBe(0)
  })

  test('a flow that returns at the end of its call does not cut the last sentence off', async () => {
    await using world = await startWorld({ settings })
    const phone = world.network.phone(to, { answer: { afterMs: 0 } })
    const call = world.dial(to, '', {}, async ({ signal }) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    })
    await world.until(call.streaming)
    await world.until(world.app.drain())
    await world.until(phone.ended)
    const last = Buffer.concat(world.async.spoken.map((one) => one.audio))
    expect(last.length).toBeGreaterThan(0)
    expect(Buffer.compare(Buffer.from(phone.heard), last)).toBe(0)
    // Nothing of the flow was heard, whatever the server said at the end.
    expect(await call.outcome).toMatchObject({ status: 'unheard', reason: 'server-stopped', heardMs: 0, sentMs: 0 })
  })

  test('a phone that still rings when the drain time is over is hung up', async () => {
    await using world = await startWorld({ settings })
    world.network.phone(to, { answer: { afterMs: 30_000 } })
    const call = world.dial(to, text)
    await world.clock.advance(1000)
    await world.until(world.app.drain())
    expect(await call.outcome).toMatchObject({ status: 'canceled', reason: 'server-stopped', heardMs: 0 })
    expect(world.network.calls.map((one) => one.status)).toEqual(['canceled'])
  })

  test('SIGTERM between the answer and the stream: the call is hung up when the drain time is over', async () => {
    await using world = await startWorld({ settings, network: { behaviour: { streamOpening: 'never' } } })
    const phone = world.network.phone(to, { answer: { afterMs: 0 } })
    const call = world.dial(to, text)
    await world.clock.advance(3000)
    expect([call.streamed, world.network.calls[0]?.status]).toEqual([false, 'in-progress'])
    const beganMs = world.clock.now()
    await world.until(world.app.drain())
    expect(world.clock.now() - beganMs).toBeLessThanOrEqual(5000 + 4000)
    expect(await call.outcome).toMatchObject({ status: 'canceled', reason: 'server-stopped', heardMs: 0 })
    await world.clock.advance(5000)
    expect([phone.heardMs, leftOf(world)]).toEqual([0, nothing])
  })

  test('a dial request that Twilio has not answered yet is hung up as soon as it is known', async () => {
    await using world = await startWorld({
      settings: { ...settings, DRAIN_TIMEOUT_MS: '0' },
      network: {
        behaviour: {
          postDialDelayMs: 20_000,
          statusCallbackLoss: 'all',
          rest: ({ method, path }) =>
            method === 'POST' && path.endsWith('/Calls.json') ? { kind: 'reset', processed: true } : { kind: 'normal' },
        },
      },
    })
    world.network.phone(to, { answer: { afterMs: 30_000 } })
    const call = world.dial(to, text)
    await world.until(world.app.drain())
    expect(await call.outcome).toMatchObject({ status: 'canceled', reason: 'server-stopped' })
    expect(world.network.calls.map((one) => one.status)).toEqual(['canceled'])
  })
})
