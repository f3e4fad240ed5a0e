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
export function conduct(call: LiveCall, flow: Flow, deps: DialogueDeps): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  void new Conductor(call, flow, deps, resolve).run()
  return promise
}

class Conductor implements DialogueListener {
  readonly #call: LiveCall
  readonly #flow: Flow
  readonly #deps: DialogueDeps
  readonly #over: () => void
  #isOver = false
  /** Whether the flow, or what it said, goes on. */
  #running = true
  #due: Timer | undefined

  /** @param over told that nobody need wait for the flow any longer */
  constructor(call: LiveCall, flow: Flow, deps: DialogueDeps, over: () => void) {
    this.#call = call
    this.#flow = flow
    this.#deps = deps
    this.#over = over
  }

  async run(): Promise<void> {
    const flow = this.#flow
    try {
      await this.#call.streaming
      // A flow may be written in JavaScript, and throw at once or return nothing.
      await flow(holdDialogue(this.#call, this.#deps, this))
      await this.#call.finish()
      this.#conclude()
    } catch (thrown) {
      this.fault(thrown)
    } finally {
      this.#running = false
      this.#due?.cancel()
    }
  }

  fault(thrown: unknown): void {
    // After the end of the call every await of the flow rejects, as it should.
    try {
      if (!this.#isOver && !this.#call.signal.aborted) this.#endWith(flowError(thrown))
    } finally {
      this.#conclude()
    }
  }

  callEnded(): void {
    if (!this.#running) return
    const { clock, log } = this.#deps
    this.#due = clock.after(tidyingMs, () => {
      log.warn(
        { callId: this.#call.callId, flow: this.#flow.name },
        'a flow goes on after the end of its call; nothing that it awaits of it comes any more',
      )
      this.#conclude()
    })
  }

  #endWith(error: BridgeError): void {
    const reason = reasonOf(error)
    if (reason === 'speech-failed' && this.#call.handOver(error)) return
    if (reason === 'flow-failed') this.#call.apologise(error)
    else this.#call.end(reason, error)
  }

  #conclude(): void {
    this.#isOver = true
    this.#over()
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
