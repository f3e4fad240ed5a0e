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
 *
 * @param note told what a flow does that cannot be heard at the phone: recordings and transfers, and what became of them
 */
export function watchBusiness<Call extends object>(
  clock: Clock,
  call: Call,
  note: (words: string) => void,
): Business<Call> {
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

  function tell(what: string, result: unknown): void {
    note(`(the flow ${what})`)
    if (result instanceof Promise)
      result.then(
        (end: unknown) => note(`(${what}: ${endOf(end)})`),
        () => {},
      )
  }

  return {
    call: new Proxy(call, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...words: unknown[]) => {
          const result = counted(Reflect.apply(value, target, words))
          if (name === 'record') tell('records', result)
          if (name === 'transfer') tell(`transfers to ${String(words[0])}`, result)
          return result
        }
      },
    }),
    done() {
      over = true
      release?.()
      release = undefined
    },
  }
}

/** What a recording or a transfer resolved with, as far as a person wants to read it. */
function endOf(end: unknown): string {
  if (typeof end !== 'object' || end === null) return 'over'
  const ended = 'ended' in end ? String(end.ended) : 'over'
  const ms = 'audioMs' in end ? end.audioMs : 'durationMs' in end ? end.durationMs : undefined
  return typeof ms === 'number' ? `${ended}, ${(ms / 1000).toFixed(1)} s` : ended
}
