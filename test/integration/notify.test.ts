import { describe, expect, test } from 'vitest'
import { rememberSpoken, startWorld, type World } from '../world.ts'
import type { PhoneScript } from '../../src/simulator/phone-network/phone/script.ts'

const to = '+15551230001'
const message = 'Your table is booked for tonight.'
const prompt = 'Press 1 to confirm. Press 2 to hear this again. Press 9 if you do not want to be called again.'
const keys = { confirm: '1', repeat: '2', optOut: '9' }

async function notified(script: PhoneScript, parameters: Record<string, string> = {}, world?: World) {
  await using own = world ? undefined : await startWorld()
  const scene = world ?? own
  if (!scene) throw new Error('no world')
  scene.network.phone(to, script)
  for (const text of [message, ...Object.values(parameters)]) rememberSpoken(text)
  const { call, callId } = scene.app.place({ to, flow: 'notify', parameters: { message, ...keys, ...parameters } })
  if (!call) throw new Error('no call')
  const outcome = await scene.until(call.outcome)
  expect(scene.app.records.find(callId)?.outcome).toMatchObject({ answer: outcome.answer })
  return outcome
}

describe('a notification with keys', () => {
  test('a key confirms, also before the message is over; the outcome says so, and is kept', async () => {
    const outcome = await notified({ steps: [{ afterHeardMs: 500, press: '1' }] })
    expect(outcome).toMatchObject({ reason: 'completed', answer: 'confirmed', keys: '1' })
    expect(outcome.heardText).toBe('Thank you. Goodbye.')
  })

  test('a key repeats the message and the question', async () => {
    const steps = [
      { afterAnswerMs: 12_000, press: '2' },
      { afterAnswerMs: 26_000, press: '1' },
    ]
    const outcome = await notified({ steps })
    expect(outcome).toMatchObject({ answer: 'confirmed', keys: '21' })
    expect(outcome.heardText.split(message)).toHaveLength(3)
  })

  test('a key opts out', async () => {
    const outcome = await notified({ steps: [{ afterAnswerMs: 12_000, press: '9' }] })
    expect(outcome).toMatchObject({ status: 'heard', answer: 'opted-out', keys: '9' })
    expect(outcome.heardText).toBe(`${message} ${prompt} You will not be called again. Goodbye.`)
  })

  test('nobody presses anything: it is asked twice, and there is no answer', async () => {
    const outcome = await notified({})
    expect(outcome).toMatchObject({ status: 'heard', reason: 'completed', answer: null, keys: '' })
    expect(outcome.heardText).toBe(`${message} ${prompt} ${prompt}`)
  })

  test('a key that means nothing is no answer', async () => {
    const outcome = await notified({ steps: [{ afterAnswerMs: 12_000, press: '5' }] })
    expect(outcome).toMatchObject({ answer: null, keys: '5' })
    expect(outcome.heardText).toBe(`${message} ${prompt} ${prompt}`)
  })

  test('who repeats without end hears it eleven times', async () => {
    const steps = Array.from({ length: 100 }, (_, second) => ({ afterAnswerMs: 3_000 * (second + 1), press: '2' }))
    const outcome = await notified({ steps })
    expect(outcome).toMatchObject({ reason: 'completed', answer: null, keys: '2'.repeat(10) })
  })

  test('texts and keys are those of the parameters, and only what is asked for is offered', async () => {
    await using world = await startWorld()
    const options = { prompt: 'Drücken Sie die Raute.', confirmedText: 'Danke.' }
    world.network.phone(to, { steps: [{ afterAnswerMs: 8_000, press: '1#' }] })
    const { call } = world.app.place({ to, flow: 'notify', parameters: { message, confirm: '#', ...options } })
    const outcome = await world.until(call?.outcome ?? Promise.reject(new Error('no call')))
    expect(outcome).toMatchObject({ answer: 'confirmed', keys: '1#' })
    expect(outcome.heardText.endsWith('Danke.')).toBe(true)
  })

  test('a machine is not asked: it gets the voicemail text whole, and nothing is said behind it', async () => {
    await using world = await startWorld({ network: { behaviour: { amdDelayMs: 3_000 } } })
    const voicemail =
      'The restaurant called. Your table is booked. There is no need to call back, we look forward to seeing you.'
    const answer = { voicemail: { afterMs: 500, greetingMs: 4_000 } }
    const outcome = await notified({ answer }, { voicemail }, world)
    expect(outcome).toMatchObject({ status: 'voicemail', reason: 'completed', answer: null })
    expect(outcome.heardText.endsWith(voicemail)).toBe(true)
  })

  test('who has pressed a key is not kept waiting for detection', async () => {
    await using world = await startWorld({ network: { behaviour: { amdDelayMs: 40_000 } } })
    const outcome = await notified({ steps: [{ afterHeardMs: 500, press: '1' }] }, { voicemail: 'We called.' }, world)
    expect(outcome).toMatchObject({ answer: 'confirmed', answeredBy: null, status: expect.any(String) })
    expect(Date.parse(outcome.endedAt) - Date.parse(outcome.answeredAt ?? '')).toBeLessThan(15_000)
  })

  test('who hangs up instead of an answer has given none', async () => {
    const outcome = await notified({ hangUp: { afterAnswerMs: 11_000 } })
    expect(outcome).toMatchObject({ reason: 'callee-hung-up', answer: null, error: null })
  })

  test.each([{ confirm: 'yes' }, { confirm: '9' }, { repeat: '' }, { optOut: '12' }])(
    'keys that are none, or the same, are refused, and nobody is dialled: %o',
    async (wrong) => {
      await using world = await startWorld()
      expect(() => world.app.place({ to, flow: 'notify', parameters: { message, ...keys, ...wrong } })).toThrow(
        expect.objectContaining({ code: 'request.invalid' }),
      )
      expect(world.network.calls).toEqual([])
    },
  )
})
