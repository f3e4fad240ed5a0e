import { BridgeError } from '../../errors.ts'

/** Streams end as calls do; a client that asks again after this long does no harm. */
const retryAfterMs = 5_000

/** How many event streams may be open, in all and for each caller: each is a socket and a buffer. */
export interface EventSeats {
  /** Takes one, or says why there is none. `leave` gives it back; more than once is no harm. */
  take(caller: string): { readonly leave: () => void } | { readonly refused: BridgeError }
  readonly taken: number
}

/** @param limits `perCaller` for one API key, or for this machine where no keys are set */
export function createEventSeats(limits: { readonly inAll: number; readonly perCaller: number }): EventSeats {
  const byCaller = new Map<string, number>()
  let taken = 0

  function leave(caller: string): void {
    taken--
    const left = (byCaller.get(caller) ?? 0) - 1
    if (left > 0) byCaller.set(caller, left)
    else byCaller.delete(caller)
  }

  return {
    take(caller) {
      const own = byCaller.get(caller) ?? 0
      if (own >= limits.perCaller)
        return {
          refused: refused(
            'limit.event-streams-per-key',
            `${own} event streams are open for this API key, as many as may be (EVENT_STREAMS_PER_KEY).`,
          ),
        }
      if (taken >= limits.inAll)
        return {
          refused: refused(
            'limit.event-streams',
            `${taken} event streams are open, as many as may be (MAX_EVENT_STREAMS).`,
          ),
        }
      taken++
      byCaller.set(caller, own + 1)
      let held = true
      return {
        leave() {
          if (held) leave(caller)
          held = false
        },
      }
    },
    get taken() {
      return taken
    },
  }
}

function refused(code: 'limit.event-streams' | 'limit.event-streams-per-key', message: string): BridgeError {
  return new BridgeError(code, `${message} Close one, or try again in ${retryAfterMs / 1000} s.`, {
    details: { retryAfterMs },
  })
}
