import type { Flow } from './flow.ts'

/**
 * Tells one person that something is wrong, and again until they acknowledge it with 1. Whoever places the calls goes
 * down the list: the outcome has the keys, and a call without a 1 among them was not acknowledged.
 *
 * Parameters: `message`.
 */
export const alert: Flow = async (call) => {
  const alarm = `Alert. ${call.parameters['message'] ?? 'Something needs your attention.'}`
  const { digits } = await call.gather({
    say: `${alarm} To acknowledge, press 1. To pass it on to somebody else, press 2.`,
    choices: ['1', '2'],
    attempts: 3,
    again: { nonsense: `Please press 1 or 2. ${alarm}` },
  })
  if (digits === '1') await call.say('Thank you. It is yours now. Goodbye.')
  else await call.say('It is not acknowledged. Somebody else has to be called. Goodbye.')
}
