import type { Call, Flow } from './flow.ts'

/** Said instead of a day. */
const keep = 'keep'

/**
 * Reminds of an appointment, which may be confirmed, moved or cancelled by key; the day to move it to by key or by word.
 *
 * Parameters: `name`; `appointment`, such as "your check-up on Tuesday at ten"; `days` to move it to, separated by
 * commas, nine at most.
 */
export const reminder: Flow = async (call) => {
  const { name, appointment = 'your appointment', days = 'Monday,Wednesday,Friday' } = call.parameters
  await call.say(`${name === undefined ? 'Hello' : `Hello ${name}`}. This is a reminder of ${appointment}.`)
  const answer = await call.gather({
    say: 'To confirm, press 1. To move it to another day, press 2. To cancel, press 3.',
    choices: ['1', '2', '3'],
    attempts: 3,
    again: { nonsense: 'Please press 1 to confirm, 2 to move, or 3 to cancel.' },
  })
  if (answer.digits === '1') await call.say('Thank you. We look forward to seeing you.')
  else if (answer.digits === '2') await move(call, list(days))
  else if (answer.digits === '3') await call.say('Your appointment is cancelled.')
  else await call.say('We did not get an answer. Your appointment stays as it is.')
  await call.say('Goodbye.')
}

async function move(call: Call, days: readonly string[]): Promise<void> {
  const offers = days.map((day, place) => `For ${day}, press ${place + 1}.`)
  const answer = await call.gather({
    say: `${offers.join(' ')}${call.hears ? ' Or say the day.' : ''} To keep your appointment, press 0.`,
    choices: ['0', ...days.map((_, place) => String(place + 1))],
    digits: 1,
    ...(call.hears ? { speech: [...days, keep] } : {}),
    attempts: 2,
    again: { nonsense: `We did not understand that. ${offers.join(' ')}` },
  })
  const day = answer.speech === keep ? undefined : (answer.speech ?? days[Number(answer.digits) - 1])
  await call.say(day === undefined ? 'Your appointment stays as it is.' : `Your appointment is moved to ${day}.`)
}

function list(days: string): string[] {
  return days
    .split(',')
    .map((day) => day.trim())
    .filter((day) => day !== '')
    .slice(0, 9)
}
