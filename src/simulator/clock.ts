import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { type Loopback, watchLoopback } from './loopback.ts'

export interface Timer {
  cancel(): void
}

/** The simulator's time. The same shape as the product's clock, so that one stepped clock can drive both. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  after(delayMs: number, fire: () => void): Timer
}

export const realClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after(delayMs, fire) {
    const timer = setTimeout(fire, Math.max(0, delayMs))
    return { cancel: () => clearTimeout(timer) }
  },
}

/**
 * A clock that jumps from timer to timer, but only once everything that the last jump set off has come to rest, so
 * that a minute of phone call over real sockets takes milliseconds.
 *
 * Rest is observed, not assumed: `watch` registers a number that changes with every byte on the simulator's sockets,
 * `hold` stops time while something outside of sockets (a worker thread, a file, an HTTP request) is under way.
 */
export interface SteppedClock extends Clock {
  /** Stops time until the returned function is called. */
  hold(): () => void
  /**
   * `probe` returns a number that changes when something happened; `atRest`, where it can be known, that nothing is
   * under way. Returns the function that removes them.
   */
  watch(probe: () => number, atRest?: () => boolean): () => void
  /** Moves time on, from timer to timer, by `ms`. */
  advance(ms: number): Promise<void>
  /**
   * Moves time on until `done` settles, and returns or throws what it did.
   * Throws when `simulatedMs` (default 1 h) have passed, or when nothing at all happened for `realMs` (default 10 s).
   */
  runUntil<T>(done: Promise<T>, limits?: { simulatedMs?: number; realMs?: number }): Promise<T>
  /** How many timers are running: what waits for a time to come, and may have been forgotten. */
  readonly timers: number
  /** How many probes are watched. */
  readonly probes: number
  /** What tells that sockets are at rest, where the clock was made to ask. */
  readonly loopback: Loopback | undefined
}

export interface SteppedClockOptions {
  readonly startMs?: number
  /**
   * Both ends of all connections are in this process, and nobody works on a file or in another process without
   * holding the clock. Then rest is known as soon as all that was sent was read, in place of a while without activity.
   */
  readonly closedWorld?: boolean
}

export function isStepped(clock: Clock): clock is SteppedClock {
  return 'runUntil' in clock
}

/** Holds `clock` if it can be held; on the real clock there is nothing to hold. */
export function holdIfStepped(clock: Clock): () => void {
  return isStepped(clock) ? clock.hold() : () => {}
}

interface Pending {
  readonly at: number
  readonly order: number
  readonly fire: () => void
}

/** Event loop turns, and real time, without any activity that count as rest. Loopback delivery takes one or two turns. */
const quietTurns = 12
const quietMs = 0.2
/** Where it is known that something is on its way, a busy machine may take this long to deliver it. */
const deliveryMs = 20
/** A hold that lasts longer is one for a disk or a worker, and polled at leisure. */
const briefHoldMs = 5

export function createSteppedClock(options: number | SteppedClockOptions = {}): SteppedClock {
  const { startMs = Date.UTC(2026, 0, 5, 12), closedWorld = false } =
    typeof options === 'number' ? { startMs: options } : options
  const loopback = closedWorld ? watchLoopback() : undefined
  const longestQuietMs = closedWorld ? deliveryMs : quietMs
  let nowMs = startMs
  let order = 0
  let holds = 0
  let changes = 0
  const pending = new Set<Pending>()
  const probes = new Map<() => number, () => boolean>()

  function activity(): number {
    let sum = changes
    for (const probe of probes.keys()) sum += probe()
    return sum
  }

  function atRest(): boolean {
    if (loopback?.nobodyConnects() !== true) return false
    for (const resting of probes.values()) if (!resting()) return false
    return true
  }

  function next(limitMs: number): Pending | undefined {
    let first: Pending | undefined
    for (const timer of pending) {
      if (timer.at > limitMs) continue
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer
    }
    return first
  }

  async function settle(realMs: number): Promise<void> {
    const began = performance.now()
    let last = activity()
    let quiet = 0
    let quietSince = performance.now()
    while (quiet < quietTurns || !(performance.now() - quietSince >= longestQuietMs || atRest())) {
      if (holds > 0 && performance.now() - began > briefHoldMs) await sleep(1)
      else await turn()
      const current = activity()
      if (current !== last || holds > 0) {
        quiet = 0
        quietSince = performance.now()
        last = current
        if (holds > 0 && quietSince - began > realMs)
          throw new Error(`stepped clock: time was held for more than ${realMs} ms`)
      } else quiet++
    }
  }

  function fire(timer: Pending): void {
    pending.delete(timer)
    nowMs = Math.max(nowMs, timer.at)
    timer.fire()
  }

  return {
    now: () => nowMs,
    get timers() {
      return pending.size
    },
    get probes() {
      return probes.size
    },
    after(delayMs, fire) {
      const timer = { at: nowMs + Math.max(0, delayMs), order: order++, fire }
      pending.add(timer)
      changes++
      return { cancel: () => void pending.delete(timer) }
    },
    hold() {
      let held = true
      holds++
      return () => {
        if (held) holds--
        held = false
      }
    },
    loopback,
    watch(probe, atRest = () => false) {
      probes.set(probe, atRest)
      return () => {
        // The sum must not fall back to an earlier value when a probe goes.
        changes += probe()
        probes.delete(probe)
      }
    },
    async advance(ms) {
      const end = nowMs + ms
      await settle(10_000)
      for (let timer = next(end); timer; timer = next(end)) {
        fire(timer)
        await settle(10_000)
      }
      nowMs = end
    },
    async runUntil(done, { simulatedMs = 3_600_000, realMs = 10_000 } = {}) {
      let settled = false
      const mark = () => {
        settled = true
      }
      done.then(mark, mark)
      const end = nowMs + simulatedMs
      let idleSince = performance.now()
      for (;;) {
        const before = activity()
        await settle(realMs)
        if (settled) return done
        const timer = next(end)
        if (timer) {
          fire(timer)
          idleSince = performance.now()
          continue
        }
        if (pending.size > 0) throw new Error(`stepped clock: not done after ${simulatedMs} simulated ms`)
        if (activity() !== before) idleSince = performance.now()
        if (performance.now() - idleSince > realMs)
          throw new Error(`stepped clock: nothing is scheduled and nothing happened for ${realMs} ms`)
        await sleep(1)
      }
    },
  }
}
