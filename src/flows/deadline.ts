import type { Clock, Timer } from '../ops/clock.ts'

/** The one thing that happens next if nothing else does. */
export interface Deadline {
  /** Whether something is to happen. */
  readonly set: boolean
  /** `then` happens that many milliseconds from now, instead of what was to happen. */
  in(ms: number, then: () => void): void
  /** What is to happen happens no earlier. */
  atLeast(ms: number): void
  cancel(): void
}

export function createDeadline(clock: Clock): Deadline {
  let timer: Timer | undefined
  let dueMs = 0
  let then = () => {}

  function arm(ms: number): void {
    timer?.cancel()
    dueMs = clock.now() + ms
    timer = clock.after(ms, then)
  }

  return {
    get set() {
      return timer !== undefined
    },
    in(ms, next) {
      then = next
      arm(ms)
    },
    atLeast(ms) {
      if (timer && dueMs < clock.now() + ms) arm(ms)
    },
    cancel: () => timer?.cancel(),
  }
}
