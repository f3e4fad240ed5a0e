import { describe, expect, test } from 'vitest'
import type { Answer, GatherOptions } from '../../src/flows/answer.ts'
import type { PhoneStep } from '../../src/simulator/phone-network/phone/script.ts'
import { startWorld } from '../world.ts'

const to = '+15551230001'
const prompt = 'Press one to keep your appointment, or two to move it.'

/** What a call that only asks comes to, with the steps of whoever answers. */
async function ask(options: GatherOptions, steps: readonly PhoneStep[], settings = {}) {
  await using world = await startWorld({ settings })
  world.network.phone(to, { answer: { afterMs: 1000 }, steps })
  let answer: Answer | undefined
  const call = world.dial(to, options.say ?? '', {}, async (line) => {
    answer = await line.gather(options)
  })
  const outcome = await world.until(call.outcome)
  const said = world.async.spoken.map((one) => one.transcript.trim())
  return { answer, outcome, said, events: call.events }
}

describe('a question answered by keys', () => {
  test('a key after the prompt is the answer', async () => {
    const { answer, outcome } = await ask({ say: prompt, digits: 1 }, [{ afterAnswerMs: 6_000, press: '2' }])
    expect(answer).toEqual({ digits: '2', ended: 'digits' })
    expect(outcome).toMatchObject({ reason: 'completed', status: 'heard', keys: '2', heardText: prompt })
  })

  test('a key in the middle of the prompt silences it and counts', async () => {
    const { answer, outcome, events } = await ask({ say: prompt, digits: 1 }, [{ afterHeardMs: 500, press: '1' }])
    expect(answer).toEqual({ digits: '1', ended: 'digits' })
    expect(outcome).toMatchObject({ reason: 'completed', status: 'partly-heard', keys: '1', heardText: '' })
    expect(outcome.heardMs).toBeGreaterThanOrEqual(250)
    expect(outcome.heardMs).toBeLessThanOrEqual(600)
    expect(events.filter(({ type }) => type === 'interrupted')).toHaveLength(1)
  })

  test('nothing and nonsense are asked again, each in its own words, and no further than was asked', async () => {
    const again = { nothing: 'Nothing came.', nonsense: 'That was none of these.' }
    const options = { say: prompt, choices: ['1', '2'], timeoutMs: 2_000, attempts: 3, again }
    const { answer, said } = await ask(options, [{ afterAnswerMs: 7_500, press: '7' }])
    expect(said).toEqual([prompt, again.nothing, again.nonsense])
    expect(answer).toEqual({ ended: 'timeout' })
  })
})
