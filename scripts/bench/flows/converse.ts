import type { Flow } from '../../../src/flows/flow.ts'
import speakOn from './speak.ts'

/** Speaks without end, and listens all the while. */
const converse: Flow = async (call) => {
  call.on('speech', () => {})
  await speakOn(call)
}

export default converse
