import type { Call, Flow } from '../../../src/flows/flow.ts'

const days = ['Tuesday', 'Thursday']

export default (async (call) => {
  await call.say(`Hello ${call.parameters['name'] ?? ''}. You are expected tomorrow at ten.`)
  const { digits } = await call.gather({
    say: 'To keep your appointment, press 1. To move it, press 2.',
    choices: ['1', '2'],
    attempts: 2,
    again: { nonsense: 'Please press 1 or 2.' },
  })
  if (digits === '2') await move(call)
  else await call.say('See you tomorrow.')
  await call.say('Goodbye.')
}) satisfies Flow

async function move(call: Call): Promise<void> {
  const { digits, speech } = await call.gather({
    say: 'On which day will you come? For Tuesday, press 1 or say it. For Thursday, press 2.',
    choices: ['1', '2'],
    digits: 1,
    speech: days,
  })
  const day = speech ?? days[Number(digits) - 1]
  await call.say(day === undefined ? 'We call you again.' : `You are expected on ${day}.`)
}
