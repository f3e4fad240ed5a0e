import type { Flow } from './flow.ts'

/** Says the parameter `message` and hangs up when its last word was heard. */
export const notify: Flow = async (call) => {
  await call.say(call.parameters['message'] ?? '')
}
