import type { LiveCall } from '../call/live-call.ts'
import type { Utterance } from '../call/utterance.ts'

/**
 * A flow may await so much more after the end of its call, for the tidying up of its `finally` blocks. What it asks for
 * after that never comes: a flow that takes no notice would otherwise go round for ever.
 */
const mostAfterEnd = 100

/** Lets what a flow awaits reject when the call ends, with the reason of the signal. */
export interface Endable {
  ask<T>(begin: () => Promise<T>): Promise<T>
  /** The same for what ends with the call, and tells how. */
  toTheEnd<T>(begin: () => Promise<T>): Promise<T>
  utterance(begin: () => Utterance): Utterance
}

type EndingCall = Pick<LiveCall, 'signal' | 'transferring'>

/** @param call once it is over, or was given away, nothing can be said in it any more */
export function createEndable(call: EndingCall): Endable {
  return new EndsWithCall(call)
}

class EndsWithCall implements Endable {
  readonly #call: EndingCall
  #afterEnd = 0

  constructor(call: EndingCall) {
    this.#call = call
  }

  ask<T>(begin: () => Promise<T>): Promise<T> {
    const { signal } = this.#call
    if (this.#parked()) return new Promise<T>(() => {})
    if (signal.aborted) return unwatched(Promise.reject<T>(signal.reason))
    const { promise, reject } = Promise.withResolvers<T>()
    const end = () => reject(signal.reason)
    signal.addEventListener('abort', end, { once: true })
    const begun = begin().finally(() => signal.removeEventListener('abort', end))
    return unwatched(Promise.race([begun, promise]))
  }

  toTheEnd<T>(begin: () => Promise<T>): Promise<T> {
    const { signal } = this.#call
    if (this.#parked()) return new Promise<T>(() => {})
    return unwatched(signal.aborted ? Promise.reject<T>(signal.reason) : begin())
  }

  utterance(begin: () => Utterance): Utterance {
    if (this.#parked()) return Object.assign(new Promise<never>(() => {}), { interrupt() {} })
    return begin()
  }

  /** Whether nothing that is asked for comes any more. */
  #parked(): boolean {
    const { signal, transferring } = this.#call
    return (signal.aborted || transferring !== undefined) && ++this.#afterEnd > mostAfterEnd
  }
}

/** A flow need not await what it asks for; what it does not await ends with the call all the same. */
function unwatched<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
