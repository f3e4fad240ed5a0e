import type { Flow } from './flow.ts'

const deafWords = 'I cannot hear anything at the moment.'

/** Says back what it hears, until a key is pressed: how long an answer takes, by ear. */
export const parrot: Flow = async (call) => {
  const invitation = 'Say something, and I say it too. To stop, press any key.'
  await call.say(call.hears ? invitation : deafWords, { bargeIn: 'keys' })
  while (call.hears) {
    // A key that silenced what was said last stops too.
    const { speech, ended, deaf } = await call.gather({
      speech: true,
      digits: 1,
      keepEarlierKeys: true,
      timeoutMs: 10_000,
    })
    if (speech !== undefined) await call.say(speech, { bargeIn: 'keys' })
    else {
      if (deaf && ended === 'timeout') await call.say(deafWords)
      break
    }
  }
  await call.say('Goodbye.')
}
