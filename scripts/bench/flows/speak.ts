import type { Flow } from '../../../src/flows/flow.ts'

/** Speaks without end: a minute of sentences at a time, the next queued while one is heard. No two are the same. */
const speakOn: Flow = async (call) => {
  const number = ++calls
  let before = call.say(minute(number, 0))
  for (let part = 1; ; part++) {
    const saying = call.say(minute(number, part))
    await before
    before = saying
  }
}

const sentences = 15
let calls = 0

function minute(call: number, part: number): string {
  return Array.from(
    { length: sentences },
    (_, index) => `This is sentence ${part * sentences + index + 1} of what is said in call ${call} of many.`,
  ).join(' ')
}

export default speakOn
