import type { Flow } from '../../../src/flows/flow.ts'

const text = 'This is a long sentence, which goes on until somebody presses a key.'

/** Says the same again and again, until the next key. */
const silenced: Flow = async (call) => {
  for (;;) await call.say(text, { bargeIn: 'keys' })
}

export default silenced
