import type { EndReason } from '../call/outcome.ts'
import type { LiveCall } from '../call/live-call.ts'
import { asBridgeError, BridgeError } from '../errors.ts'
import { type DialogueDeps, holdDialogue } from './dialogue.ts'
import type { Flow } from './flow.ts'

/** Runs a flow in a call, from the opening of its media stream to its end. Never rejects. */
export async function conduct(call: LiveCall, flow: Flow, deps: DialogueDeps): Promise<void> {
  const listenerFault = Promise.withResolvers<never>()
  try {
    await call.streaming
    await Promise.race([flow(holdDialogue(call, deps, listenerFault.reject)), listenerFault.promise])
    await call.finish()
  } catch (thrown) {
    // After the end of the call every await of the flow rejects, as it should.
    if (call.signal.aborted) return
    const error = flowError(thrown)
    if (error.code.startsWith('speech.') && call.handOver(error)) return
    call.end(reasonOf(error), error)
  }
}

function flowError(thrown: unknown): BridgeError {
  if (thrown instanceof BridgeError) return thrown
  const { message, cause } = asBridgeError(thrown)
  return new BridgeError('flow.failed', `The flow threw: ${message}`, { cause })
}

function reasonOf(error: BridgeError): EndReason {
  if (error.code.startsWith('speech.')) return 'speech-failed'
  if (error.code === 'playback.unconfirmed') return 'playback-unconfirmed'
  return 'flow-failed'
}
