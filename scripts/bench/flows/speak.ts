import type { Flow } from '../../../src/flows/flow.ts'

/** Speaks without end: some sentences at a time, the next ones queued while they are heard. No two are the same. */
const speakOn: Flow = async (call) => {
  const number = ++calls
  let before = call.say(text(number, 0))
  for (let part = 1; ; part++) {
    const saying = call.say(text(number, part))
    await before
    before = saying
  }
}

/** A quarter of a minute. */
const sentences = 4
let calls = 0

function text(call: number, part: number): string {
  return Array.from(
    { length: sentences },
    (_, index) => `This is sentence ${part * sentences + index + 1} of what is said in call ${call} of many.`,
  ).join(' ')
}

export default speakOn
