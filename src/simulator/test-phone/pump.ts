import type { SteppedClock } from '../clock.ts'

/** Lets time pass while, and only while, somebody waits for something. */
export interface Pump {
  /** Settles as `done` does; rejects when nothing happens any more, so that nobody waits for ever. */
  until<T>(done: Promise<T>): Promise<T>
}

/** A call may last a day, and a test need not wait for that. */
const simulatedMs = 86_400_000
/** As long as a busy machine may need for what is no simulated time, such as a file. */
const realMs = 45_000

interface Waiter {
  readonly settled: Promise<void>
  isSettled: boolean
  /** All that the event set off has come to rest: whoever waited for it goes on. */
  readonly release: () => void
  readonly fail: (thrown: unknown) => void
}

/** Several may wait at once: one loop moves the clock for them all. */
export function createPump(clock: SteppedClock): Pump {
  const waiters = new Set<Waiter>()
  let running = false

  async function run(): Promise<void> {
    if (running) return
    running = true
    while (waiters.size > 0) {
      try {
        await clock.runUntil(Promise.race([...waiters].map(({ settled }) => settled)), { simulatedMs, realMs })
      } catch (thrown) {
        for (const waiter of waiters) waiter.fail(thrown)
        waiters.clear()
      }
      for (const waiter of waiters) {
        if (!waiter.isSettled) continue
        waiters.delete(waiter)
        waiter.release()
      }
    }
    running = false
  }

  return {
    async until(done) {
      const rest = Promise.withResolvers<void>()
      const mark = () => {
        waiter.isSettled = true
      }
      const waiter: Waiter = {
        settled: done.then(mark, mark),
        isSettled: false,
        release: rest.resolve,
        fail: rest.reject,
      }
      waiters.add(waiter)
      void run()
      await rest.promise
      return done
    },
  }
}
