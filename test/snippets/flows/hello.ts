import type { Flow } from '../../../src/flows/flow.ts'

export default (async (call) => {
  await call.say(`Hello ${call.parameters['name'] ?? ''}. This is the dentist.`)
  await call.say('Goodbye.')
}) satisfies Flow
