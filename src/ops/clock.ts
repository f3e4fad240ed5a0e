/** A running timer. `cancel` may be called at any time, also after it fired. */
export interface Timer {
  cancel(): void
}

/**
 * The only source of time for everything that waits or measures. Given from outside, so that a whole call can run on
 * a clock that a test moves.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls `fire` once, `delayMs` from now. */
  after(delayMs: number, fire: () => void): Timer
  /**
   * A clock that a test moves stands still until the returned function is called: for work on files, which takes no
   * time of the call.
   */
  readonly hold?: () => () => void
}

/** Does work that takes the machine's time, on a clock that may be moved faster than the machine can work. */
export async function withTimeHeld<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  const release = clock.hold?.()
  try {
    return await work()
  } finally {
    release?.()
  }
}

/** It never changes, and to ask for it takes longer than to ask for the time. */
const originMs = performance.timeOrigin

/** The machine's time, made monotonic: a wall clock that jumps moves no deadline. */
export const systemClock: Clock = {
  now: () => originMs + performance.now(),
  after: (delayMs, fire) => new SystemTimer(delayMs, fire),
}

/** Who asked for one may keep it much longer than it runs: once it is cancelled it holds nothing. */
class SystemTimer implements Timer {
  #timeout: NodeJS.Timeout | undefined

  constructor(delayMs: number, fire: () => void) {
    this.#timeout = setTimeout(fire, Math.max(0, delayMs))
  }

  cancel(): void {
    clearTimeout(this.#timeout)
    this.#timeout = undefined
  }
}
