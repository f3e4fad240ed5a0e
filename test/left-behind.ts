import { readdirSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { World } from './world.ts'

type Counts = Readonly<Record<string, number>>

/** What a process holds, each by its kind, so that a comparison says what was left. */
export interface Held {
  /** Open file descriptors: `socket`, `pipe`, …, or the path of a file. Empty where there is no /proc. */
  readonly descriptors: Counts
  /** Timers, sockets, requests and whatever else keeps an event loop busy. */
  readonly resources: Counts
  /** Listeners on the process. */
  readonly listeners: Counts
}

function countBy(names: readonly string[]): Counts {
  const counts: Record<string, number> = {}
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

function descriptors(): Counts {
  let open: string[]
  try {
    open = readdirSync('/proc/self/fd')
  } catch {
    return {}
  }
  const kinds = open.flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/self/fd/${descriptor}`).replace(/:\[\d+\]$/, '')]
    } catch {
      // The one that the listing itself was read by.
      return []
    }
  })
  return countBy(kinds)
}

/** Listeners of an emitter by the name of their event. */
export function listenersOf(emitter: NodeJS.EventEmitter): Counts {
  return Object.fromEntries(
    emitter
      .eventNames()
      .map((name) => [String(name), emitter.listenerCount(name)] as const)
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  )
}

function held(): Held {
  return {
    descriptors: descriptors(),
    resources: countBy(process.getActiveResourcesInfo()),
    listeners: listenersOf(process),
  }
}

/** Collects garbage, wherever Node was started. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
}

/** What the process holds once sockets that are being closed are closed, and it no longer changes. */
export async function heldAtRest(): Promise<Held> {
  let last = ''
  let quiet = 0
  for (let looks = 0; looks < 100 && quiet < 5; looks++) {
    collectGarbage()
    await sleep(50)
    const current = JSON.stringify(held())
    quiet = current === last ? quiet + 1 : 0
    last = current
  }
  return held()
}

/** How many of these can still be reached by somebody. */
export async function stillReached(references: readonly WeakRef<object>[]): Promise<number> {
  let reached = references.length
  for (let looks = 0; looks < 40 && reached > 0; looks++) {
    // What a turn of the event loop looked at is kept until its end.
    await sleep(25)
    collectGarbage()
    reached = references.filter((reference) => reference.deref() !== undefined).length
  }
  return reached
}

/** What a server that goes on, and the two services beside it, still hold of calls that are over. */
export function leftOf(world: World) {
  return {
    calls: world.app.calls().length,
    atTwilio: world.network.calls.filter((call) => call.endedAtMs === undefined).length,
    speechSessions: world.async.connections,
    mediaSockets: world.app.server.websocketServer.clients.size,
    timers: world.clock.timers,
  }
}

export const nothing: ReturnType<typeof leftOf> = {
  calls: 0,
  atTwilio: 0,
  speechSessions: 0,
  mediaSockets: 0,
  timers: 0,
}
