import type { Answer, GatherOptions } from '../../src/flows/answer.ts'
import type { Flow } from '../../src/flows/flow.ts'
import type { World } from '../world.ts'

export const to = '+15551230001'
const prompt = 'Shall we keep it, or move it?'

/** A flow that asks for one of two phrases; keys count too. */
function asking(more: GatherOptions, answered: (answer: Answer) => void): Flow {
  return async (call) => {
    answered(
      await call.gather({
        say: prompt,
        speech: ['keep it', 'move it'],
        choices: ['1', '2'],
        digits: 1,
        timeoutMs: 8_000,
        ...more,
      }),
    )
  }
}

/** A whole call that asks, and what was answered. */
export async function asked(world: World, more: GatherOptions = {}) {
  let answer: Answer | undefined
  const call = world.dial(
    to,
    prompt,
    {},
    asking(more, (told) => (answer = told)),
  )
  const outcome = await world.until(call.outcome)
  return { answer, outcome, call }
}
