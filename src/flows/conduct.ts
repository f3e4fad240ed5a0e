import type { EndReason } from '../call/outcome.ts'
import type { LiveCall } from '../call/live-call.ts'
import { asBridgeError, BridgeError } from '../errors.ts'
import { type DialogueDeps, holdDialogue } from './dialogue.ts'
import type { Call, Flow } from './flow.ts'
import { placeInFlow, placeOfAuthor } from './place.ts'

/** How long the `finally` blocks of a flow may take after the end of its call. */
const tidyingMs = 5_000

/**
 * Runs a flow in a call, from the opening of its media stream to its end. Never rejects. Resolves when the flow is over,
 * or has taken no notice of the end of its call for five seconds.
 */
export async function conduct(call: LiveCall, flow: Flow, deps: DialogueDeps): Promise<void> {
  const listenerFault = Promise.withResolvers<never>()
  try {
    await call.streaming
    const running = run(flow, holdDialogue(call, deps, listenerFault.reject))
    const over = bounded(running, call, flow.name, deps).then(() => call.finish())
    await Promise.race([over, listenerFault.promise])
  } catch (thrown) {
    // After the end of the call every await of the flow rejects, as it should.
    if (call.signal.aborted) return
    const error = flowError(thrown)
    const reason = reasonOf(error)
    if (reason === 'speech-failed' && call.handOver(error)) return
    if (reason === 'flow-failed') call.apologise(error)
    else call.end(reason, error)
  }
}

/** A flow may be written in JavaScript, and throw at once or return nothing. */
async function run(flow: Flow, call: Call): Promise<void> {
  await flow(call)
}

/** The flow, or its end some time after that of the call, should it go on. */
function bounded(
  running: Promise<void>,
  { callId, signal }: LiveCall,
  flow: string,
  { clock, log }: DialogueDeps,
): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>()
  const ended = () => {
    const due = clock.after(tidyingMs, () => {
      log.warn(
        { callId, flow },
        'a flow goes on after the end of its call; nothing that it awaits of it comes any more',
      )
      resolve()
    })
    void running.catch(() => {}).then(() => due.cancel())
  }
  signal.addEventListener('abort', ended, { once: true })
  void running.catch(() => {}).then(() => signal.removeEventListener('abort', ended))
  return Promise.race([running, over])
}

function flowError(thrown: unknown): BridgeError {
  if (thrown instanceof BridgeError) return withPlace(thrown)
  const { message, cause } = asBridgeError(thrown)
  return new BridgeError('flow.failed', `The flow threw: ${message}`, {
    cause,
    details: { place: placeInFlow(thrown) ?? null },
  })
}

/** What a flow asked for and cannot have is told with the line that asked, where that is in a file of its author's. */
function withPlace(error: BridgeError): BridgeError {
  const { code, message, retryable, cause, details } = error
  const place = reasonOf(error) === 'flow-failed' ? placeOfAuthor(error) : undefined
  if (place === undefined || details['place'] !== undefined) return error
  return new BridgeError(code, message, { retryable, cause, details: { ...details, place } })
}

function reasonOf(error: BridgeError): EndReason {
  if (error.code.startsWith('speech.')) return 'speech-failed'
  if (error.code === 'playback.unconfirmed') return 'playback-unconfirmed'
  return 'flow-failed'
}
