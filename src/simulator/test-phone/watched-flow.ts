import type { Clock } from '../clock.ts'
import { holdBriefly } from '../waiting.ts'

/** How long time stands still while a flow waits for something that is none of the call's: a file, a request. */
const ownBusinessMs = 250

export interface Business<Call extends object> {
  /** The same call, whose promises are counted. */
  readonly call: Call
  /** The flow is over: time passes. */
  done(): void
}

/**
 * Holds the clock while a flow waits for nothing of its call. Time that passes in a call is simulated and jumps; what a
 * flow does with a disk or a network takes real time, and must not find the call ended by a limit meanwhile.
 */
export function watchBusiness<Call extends object>(clock: Clock, call: Call): Business<Call> {
  let pending = 0
  let over = false
  let release: (() => void) | undefined = holdBriefly(clock, ownBusinessMs)

  function changed(by: 1 | -1): void {
    pending += by
    if (pending > 0 || over) {
      release?.()
      release = undefined
    } else release ??= holdBriefly(clock, ownBusinessMs)
  }

  function counted(result: unknown): unknown {
    if (!(result instanceof Promise)) return result
    changed(1)
    const settled = () => changed(-1)
    result.then(settled, settled)
    return result
  }

  return {
    call: new Proxy(call, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...words: unknown[]) => counted(Reflect.apply(value, target, words))
      },
    }),
    done() {
      over = true
      release?.()
      release = undefined
    },
  }
}
