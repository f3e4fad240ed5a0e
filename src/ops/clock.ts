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
}

/** The machine's time, made monotonic: a wall clock that jumps moves no deadline. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after(delayMs, fire) {
    const timer = setTimeout(fire, Math.max(0, delayMs))
    return { cancel: () => clearTimeout(timer) }
  },
}
