import { createHash, randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { LiveCall } from '../call/live-call.ts'
import type { PlaceRequest } from '../call/placing.ts'
import { BridgeError } from '../errors.ts'
import type { Clock } from '../ops/clock.ts'
import { type Alert, type AlertDeps, type AlertOrder, startAlert } from './alert.ts'

/** Alerts that are over are kept for whoever asks after them; the calls they made are on record anyway. */
const mostKept = 1_000
const retryAfterMs = 5_000

/** The alerts of this process. They end with it. */
export interface Alerts {
  /**
   * Begins to call down a list. A number that cannot be called does not stop it; where none can, or the rest of the
   * order is wrong, nobody is called.
   *
   * @throws BridgeError as `placeCall`, for the first number; `request.invalid` for an empty list
   */
  begin(order: AlertOrder, calling?: (call: LiveCall, to: string, place: number) => void): BegunAlert
  find(alertId: string): Alert | undefined
  /** No further call is placed by any of them. */
  placeNoMore(): void
}

export interface BegunAlert {
  readonly alert: Alert
  /** The order had come before; nothing was begun. */
  readonly repeated: boolean
}

interface Kept {
  readonly alert: Alert
  readonly key: string | undefined
  readonly digest: string
}

/** @param deps `whyNot` tells why a call cannot be placed, and places none; `atOnce`: how many alerts may be under way */
export function createAlerts(deps: {
  readonly clock: Clock
  readonly log: Logger
  readonly place: AlertDeps['place']
  readonly whyNot: (request: PlaceRequest) => BridgeError | undefined
  readonly atOnce: number
}): Alerts {
  const { clock, log, place, whyNot, atOnce } = deps
  /** Oldest first. */
  const kept = new Map<string, Kept>()

  function underWay(): Alert[] {
    return [...kept.values()].map(({ alert }) => alert).filter(({ view }) => view.state === 'calling')
  }

  function check({ to: list, ...common }: AlertOrder): void {
    const problems = list.map((to, at) => {
      const key = common.idempotencyKey
      return whyNot({ ...common, to, idempotencyKey: key === undefined ? undefined : `alert ${key} ${at} 0` })
    })
    const [first, ...others] = problems
    const reused = problems.find((problem) => problem?.code === 'request.key-reused')
    if (reused) throw reused
    if (list.length === 0) throw new BridgeError('request.invalid', 'to: expected at least one number to call.')
    if (first && others.every((problem) => problem !== undefined)) throw first
    const calling = underWay().length
    if (calling >= atOnce)
      throw new BridgeError(
        'limit.calls-at-once',
        `${calling} alerts are under way, as many as there may be calls (MAX_CALLS).`,
        {
          details: { retryAfterMs },
        },
      )
  }

  function forgetOldest(): void {
    for (const [id, { alert }] of kept) {
      if (kept.size <= mostKept) return
      if (alert.view.state !== 'calling') kept.delete(id)
    }
  }

  return {
    begin(order, calling) {
      const key = order.idempotencyKey
      const digest = digestOf(order)
      const before = key === undefined ? undefined : [...kept.values()].find((one) => one.key === key)
      if (before && before.digest === digest) return { alert: before.alert, repeated: true }
      if (before)
        throw new BridgeError(
          'request.key-reused',
          'An alert with this idempotency key came before and said something else. Use a new key for a new alert.',
        )
      check(order)
      const alertId = randomUUID()
      const alert = startAlert(order, { clock, place, alertId, calling })
      kept.set(alertId, { alert, key, digest })
      log.info({ alertId, people: order.to.length }, 'an alert begins')
      void alert.over.then(({ state, people }) => {
        const calls = people.flatMap(({ tries }) => tries).filter(({ callId }) => callId !== null).length
        log.info({ alertId, state, calls }, 'an alert is over')
      })
      forgetOldest()
      return { alert, repeated: false }
    },
    find: (alertId) => kept.get(alertId)?.alert,
    placeNoMore() {
      for (const alert of underWay()) alert.placeNoMore()
    },
  }
}

/** The same for two orders that say the same. */
function digestOf({ to, rounds, from, message, voicemail, flow, parameters, voice, timeoutMs }: AlertOrder): string {
  const named = Object.entries(parameters ?? {}).sort(([one], [other]) => (one < other ? -1 : 1))
  const said = [to, rounds ?? 1, from, message, voicemail, flow, named, voice, timeoutMs]
  return createHash('sha256').update(JSON.stringify(said)).digest('hex')
}
