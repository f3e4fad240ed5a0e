import type { EndReason } from '../call/outcome.ts'
import type { LiveCall } from '../call/live-call.ts'
import { asBridgeError, BridgeError } from '../errors.ts'
import type { Timer } from '../ops/clock.ts'
import { type DialogueDeps, type DialogueListener, holdDialogue } from './dialogue.ts'
import type { Flow } from './flow.ts'
import { placeInFlow, placeOfAuthor } from './place.ts'

/** How long the `finally` blocks of a flow may take after the end of its call. */
const tidyingMs = 5_000

/**
 * Runs a flow in a call, from the opening of its media stream to its end. Never rejects. Resolves when the flow is over,
 * or has taken no notice of the end of its call for five seconds.
 */
export async function conduct(call: LiveCall, flow: Flow, deps: DialogueDeps): Promise<void> {
  try {
    await call.streaming
    await new Conducted(call, flow, deps).over
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

class Conducted implements DialogueListener {
  readonly over: Promise<void>
  readonly #call: LiveCall
  readonly #flow: string
  readonly #deps: DialogueDeps
  readonly #resolve: () => void
  readonly #reject: (thrown: unknown) => void
  #running = true
  #due: Timer | undefined

  constructor(call: LiveCall, flow: Flow, deps: DialogueDeps) {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.over = promise
    this.#call = call
    this.#flow = flow.name
    this.#deps = deps
    this.#resolve = resolve
    this.#reject = reject
    void this.#run(flow)
  }

  fault(thrown: unknown): void {
    this.#reject(thrown)
  }

  callEnded(): void {
    if (!this.#running) return
    const { clock, log } = this.#deps
    this.#due = clock.after(tidyingMs, () => {
      log.warn(
        { callId: this.#call.callId, flow: this.#flow },
        'a flow goes on after the end of its call; nothing that it awaits of it comes any more',
      )
      this.#resolve()
    })
  }

  async #run(flow: Flow): Promise<void> {
    try {
      // A flow may be written in JavaScript, and throw at once or return nothing.
      await flow(holdDialogue(this.#call, this.#deps, this))
      await this.#call.finish()
      this.#resolve()
    } catch (thrown) {
      this.#reject(thrown)
    } finally {
      this.#running = false
      this.#due?.cancel()
    }
  }
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
