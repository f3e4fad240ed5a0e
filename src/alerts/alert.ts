import type { LiveCall } from '../call/live-call.ts'
import type { PlacedCall, PlaceRequest } from '../call/placing.ts'
import { asBridgeError, type BridgeError } from '../errors.ts'
import type { Clock, Timer } from '../ops/clock.ts'
import { afterRefusal, becameOf, nextInList, type Person, type Try } from './alert-list.ts'

/** Whom to alert of what. */
export interface AlertOrder extends Omit<PlaceRequest, 'to' | 'keepAudio'> {
  /** Whom to call, in this order. */
  readonly to: readonly string[]
  /** How often the list is gone through, until somebody acknowledges. Default: once. */
  readonly rounds?: number | undefined
}

/** `stopped`: by us, before somebody acknowledged and before the list was through. */
export type AlertState = 'calling' | 'acknowledged' | 'in-vain' | 'stopped'

/** An alert as it stands. */
export interface AlertView {
  readonly alertId: string
  readonly state: AlertState
  /** Who acknowledged, as a place in the list from 0. */
  readonly acknowledgedBy: number | null
  readonly people: readonly Person[]
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly endedAt: string | null
}

/** Calls that go down a list, one after another, until somebody acknowledges. */
export interface Alert {
  readonly view: AlertView
  /** Resolves with the last view. Never rejects. */
  readonly over: Promise<AlertView>
  /** Places no further call; the one under way goes on to its end, and may still be acknowledged. Idempotent. */
  placeNoMore(): void
  /** The same, and hangs up. */
  cancel(): void
}

export interface AlertDeps {
  readonly clock: Clock
  readonly alertId: string
  /** @throws BridgeError where nobody was dialled */
  readonly place: (request: PlaceRequest) => Pick<PlacedCall, 'callId' | 'call' | 'record'>
  /** Told of each call as it begins. */
  readonly calling?: ((call: LiveCall, to: string, place: number) => void) | undefined
}

/** Begins to call. Each call is waited for to its outcome before the next one is placed. */
export function startAlert(order: AlertOrder, deps: AlertDeps): Alert {
  const { clock, alertId, calling } = deps
  const { to: list, rounds = 1, idempotencyKey, ...common } = order
  const createdAt = isoNow()
  const over = Promise.withResolvers<AlertView>()
  let people: readonly Person[] = list.map((to) => ({ to, tries: [] }))
  let state: AlertState = 'calling'
  let acknowledgedBy: number | null = null
  let endedAt: string | null = null
  const halt = new AbortController()
  let current: LiveCall | undefined
  let waiting: { readonly timer: Timer; readonly done: () => void } | undefined

  function isoNow(): string {
    return new Date(clock.now()).toISOString()
  }

  function view(): AlertView {
    return { alertId, state, acknowledgedBy, people, createdAt, endedAt }
  }

  /** The try that is under way, or a new one. */
  function note(place: number, tried: Try, to?: string): void {
    people = people.map((person, at) => {
      if (at !== place) return person
      const before = person.tries.filter(({ became }) => became !== null)
      return { to: to ?? person.to, tries: [...before, tried] }
    })
  }

  async function wait(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting = { timer: clock.after(ms, resolve), done: resolve }
    await promise
    waiting = undefined
  }

  /** @returns undefined: it was refused, or the list is to be left */
  async function placed(place: number): Promise<ReturnType<AlertDeps['place']> | undefined> {
    const { to = '', tries = [] } = people[place] ?? {}
    // Of a key of its own: a request that is repeated after a restart goes on where it broke off.
    const key = idempotencyKey === undefined ? undefined : `alert ${idempotencyKey} ${place} ${tries.length}`
    for (let waitedMs = 0; !halt.signal.aborted; ) {
      try {
        return deps.place({ ...common, to, idempotencyKey: key })
      } catch (thrown) {
        const error = asBridgeError(thrown)
        const next = afterRefusal(error, waitedMs)
        if (next === 'stop') halt.abort()
        else if (next === 'next') {
          note(place, { callId: null, became: 'refused', error: told(error) })
          return undefined
        } else {
          waitedMs += next.waitMs
          await wait(next.waitMs)
        }
      }
    }
    return undefined
  }

  async function call(place: number): Promise<void> {
    const one = await placed(place)
    if (!one) return
    const { callId, record } = one
    note(place, { callId, became: null, error: null }, record.to)
    current = one.call
    if (current) calling?.(current, record.to, place)
    const outcome = current ? await current.outcome : record.outcome
    current = undefined
    const became = outcome ? becameOf(outcome) : 'failed'
    note(place, { callId, became, error: outcome?.error ? told(outcome.error) : null })
    if (became === 'acknowledged') acknowledgedBy = place
  }

  async function run(): Promise<void> {
    while (!halt.signal.aborted && acknowledgedBy === null) {
      const place = nextInList(people, rounds)
      if (place === undefined) break
      await call(place)
    }
    const through = nextInList(people, rounds) === undefined
    state = acknowledgedBy !== null ? 'acknowledged' : through ? 'in-vain' : 'stopped'
    endedAt = isoNow()
    over.resolve(view())
  }

  function placeNoMore(): void {
    halt.abort()
    waiting?.timer.cancel()
    waiting?.done()
  }

  void run()
  return {
    get view() {
      return view()
    },
    over: over.promise,
    placeNoMore,
    cancel() {
      placeNoMore()
      current?.end('cancelled')
    },
  }
}

function told({ code, message }: Pick<BridgeError, 'code' | 'message'>) {
  return { code, message }
}
