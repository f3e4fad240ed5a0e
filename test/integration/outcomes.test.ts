import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/call/outcome.ts'
import type { PhoneScript } from '../../src/simulator/phone-network/phone/script.ts'
import { startWorld, type World } from '../world.ts'

const to = '+15551230001'
const text = 'This is the first sentence. This is the second sentence. And this is the third one.'

async function outcomeOf(world: World, script?: PhoneScript, more = {}): Promise<Outcome> {
  world.network.phone(to, script)
  return world.until(world.dial(to, text, more).outcome)
}

describe('what becomes of a call', () => {
  test('heard to the end', async () => {
    await using world = await startWorld()
    const outcome = await outcomeOf(world)
    expect(outcome).toMatchObject({ status: 'heard', reason: 'completed', heardText: text, error: null })
    expect(outcome.answeredToFirstAudioMs).toBeGreaterThan(0)
    expect(outcome.callSid).toMatch(/^CA[0-9a-f]{32}$/)
    expect(Date.parse(outcome.endedAt)).toBeGreaterThan(Date.parse(outcome.startedAt))
  })

  test.each(['busy', 'no-answer'] as const)('%s', async (answer) => {
    await using world = await startWorld()
    expect(await outcomeOf(world, { answer })).toMatchObject({
      status: answer,
      reason: answer,
      heardMs: 0,
      provider: null,
      error: null,
    })
  })

  test('the network cannot connect the call', async () => {
    await using world = await startWorld()
    expect(await outcomeOf(world, { answer: 'failed' })).toMatchObject({ status: 'failed', reason: 'unreachable' })
  })

  test('the callee hangs up mid-word: only whole sentences are quoted, and no more is claimed than was played', async () => {
    await using world = await startWorld()
    const phone = world.network.phone(to, { hangUp: { afterHeardMs: 3200 } })
    const outcome = await world.until(world.dial(to, text).outcome)
    await world.until(phone.ended)
    expect(outcome).toMatchObject({ status: 'partly-heard', reason: 'callee-hung-up' })
    expect(outcome.heardText).toBe('This is the first sentence.')
    expect(outcome.heardMs).toBeGreaterThan(2000)
    expect(outcome.heardMs).toBeLessThanOrEqual(phone.heardMs)
  })

  test('the callee hangs up at once: unheard', async () => {
    await using world = await startWorld()
    const outcome = await outcomeOf(world, { hangUp: { afterAnswerMs: 20 } })
    expect(outcome).toMatchObject({ status: 'unheard', reason: 'callee-hung-up', heardText: '' })
  })

  test.each([
    { what: 'a short text, over before the verdict', said: 'Your order has shipped.', amdDelayMs: 4000 },
    { what: 'a long text', said: text, amdDelayMs: 3000 },
  ])('a voicemail answers, and detection says so: $what', async ({ said, amdDelayMs }) => {
    await using world = await startWorld({ network: { behaviour: { amdVerdict: 'machine_start', amdDelayMs } } })
    world.network.phone(to, { answer: { voicemail: { afterMs: 500, greetingMs: 2000, beep: true } } })
    const outcome = await world.until(world.dial(to, said, { detectVoicemail: true }).outcome)
    expect(outcome).toMatchObject({ status: 'voicemail', reason: 'completed', answeredBy: 'machine_start' })
  })

  test('a person is told from a voicemail', async () => {
    await using world = await startWorld({ network: { behaviour: { amdVerdict: 'human', amdDelayMs: 4000 } } })
    const outcome = await outcomeOf(world, {}, { detectVoicemail: true })
    expect(outcome).toMatchObject({ status: 'heard', answeredBy: 'human' })
  })

  test('a verdict that never comes holds the call ten seconds from the answer, no longer', async () => {
    await using world = await startWorld({ network: { behaviour: { amdDelayMs: 3_000_000 } } })
    world.network.phone(to)
    const outcome = await world.until(world.dial(to, 'Hello.', { detectVoicemail: true }).outcome)
    expect(outcome).toMatchObject({ status: 'heard', answeredBy: null })
    expect(Date.parse(outcome.endedAt) - Date.parse(outcome.answeredAt ?? '')).toBe(10_000)
  })

  test('we cancel while it rings: the phone stops ringing', async () => {
    await using world = await startWorld()
    const phone = world.network.phone(to, { answer: { afterMs: 20_000 } })
    const call = world.dial(to, text)
    await world.clock.advance(3000)
    call.end('cancelled')
    expect(await world.until(call.outcome)).toMatchObject({ status: 'canceled', reason: 'cancelled' })
    await world.until(phone.ended)
    expect(world.network.calls[0]?.status).toBe('canceled')
  })

  test('we cancel mid-word: the call ends at Twilio', async () => {
    await using world = await startWorld()
    const phone = world.network.phone(to)
    const call = world.dial(to, text)
    await world.clock.advance(4000)
    call.end('cancelled')
    expect(await world.until(call.outcome)).toMatchObject({ status: 'partly-heard', reason: 'cancelled' })
    await world.until(phone.ended)
    expect(world.network.calls[0]?.status).toBe('completed')
  })
})
