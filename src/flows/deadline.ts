import type { Clock, Timer } from '../ops/clock.ts'

/** The one thing that happens next if nothing else does. */
export interface Deadline {
  /** Whether something was ever to happen. */
  readonly set: boolean
  /** `then` happens that many milliseconds from now, instead of what was to happen. */
  in(ms: number, then: () => void): void
  /** What is to happen happens no earlier. */
  atLeast(ms: number): void
  cancel(): void
}

export function createDeadline(clock: Clock): Deadline {
  return new ClockDeadline(clock)
}

class ClockDeadline implements Deadline {
  readonly #clock: Clock
  #timer: Timer | undefined
  #dueMs = 0
  #then = () => {}

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get set(): boolean {
    return this.#timer !== undefined
  }

  in(ms: number, then: () => void): void {
    this.#then = then
    this.#arm(ms)
  }

  atLeast(ms: number): void {
    if (this.#timer && this.#dueMs < this.#clock.now() + ms) this.#arm(ms)
  }

  cancel(): void {
    this.#timer?.cancel()
  }

  #arm(ms: number): void {
    this.#timer?.cancel()
    this.#dueMs = this.#clock.now() + ms
    this.#timer = this.#clock.after(ms, this.#then)
  }
}
