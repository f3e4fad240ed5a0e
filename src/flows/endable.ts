import type { Utterance } from '../call/utterance.ts'

/**
 * A flow may await so much more after the end of its call, for the tidying up of its `finally` blocks. What it asks for
 * after that never comes: a flow that takes no notice would otherwise go round for ever.
 */
const mostAfterEnd = 100

/** Lets what a flow awaits reject when the call ends, with the reason of the signal. */
export interface Endable {
  ask<T>(begin: () => Promise<T>): Promise<T>
  utterance(begin: () => Utterance): Utterance
}

/** @param signal aborts when the call is over */
export function createEndable(signal: AbortSignal): Endable {
  let afterEnd = 0

  /** Whether nothing that is asked for comes any more. */
  function parked(): boolean {
    return signal.aborted && ++afterEnd > mostAfterEnd
  }

  return {
    ask<T>(begin: () => Promise<T>): Promise<T> {
      if (parked()) return new Promise<T>(() => {})
      if (signal.aborted) return unwatched(Promise.reject<T>(signal.reason))
      const { promise, reject } = Promise.withResolvers<T>()
      const end = () => reject(signal.reason)
      signal.addEventListener('abort', end, { once: true })
      const begun = begin().finally(() => signal.removeEventListener('abort', end))
      return unwatched(Promise.race([begun, promise]))
    },
    utterance(begin) {
      if (parked()) return Object.assign(new Promise<never>(() => {}), { interrupt() {} })
      return begin()
    },
  }
}

/** A flow need not await what it asks for; what it does not await ends with the call all the same. */
function unwatched<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
