import type { Flow } from './flow.ts'
import { talkUnlessMachine } from './unless-machine.ts'

/**
 * Tells one person that something is wrong, and again until they acknowledge it with 1: the outcome has the answer
 * `confirmed` then. `POST /alerts` and `npm run dial -- --to …` go down a list of people with it.
 *
 * Parameters: `message`; `voicemail`, what a mailbox is told.
 */
export const alert: Flow = (call) =>
  talkUnlessMachine(call, async (signal) => {
    const alarm = `Alert. ${call.parameters['message'] ?? 'Something needs your attention.'}`
    const { digits } = await call.gather({
      say: `${alarm} To acknowledge, press 1. To pass it on to somebody else, press 2.`,
      choices: ['1', '2'],
      attempts: 3,
      again: { nonsense: `Please press 1 or 2. ${alarm}` },
      signal,
    })
    if (digits === '1') {
      call.answer('confirmed')
      await call.say('Thank you. It is yours now. Goodbye.')
    } else await call.say('It is not acknowledged. Somebody else has to be called. Goodbye.', { signal })
  })
