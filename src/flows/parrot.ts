import type { Flow } from './flow.ts'

/** Says back what it hears, until a key is pressed: how long an answer takes, by ear. */
export const parrot: Flow = async (call) => {
  await call.say('Say something, and I say it too. To stop, press any key.')
  for (;;) {
    const { digits, speech, ended, deaf } = await call.gather({ speech: true, digits: 1, timeoutMs: 10_000 })
    if (speech !== undefined) await call.say(speech)
    else if (digits !== undefined || ended === 'timeout') break
    if (deaf) {
      await call.say('I cannot hear anything at the moment.')
      break
    }
  }
  await call.say('Goodbye.')
}
