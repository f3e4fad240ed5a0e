import type { SteppedClock } from '../clock.ts'

/** Lets time pass while, and only while, somebody waits for something. */
export interface Pump {
  /** Settles as `done` does; rejects when nothing happens any more, so that nobody waits for ever. */
  until<T>(done: Promise<T>): Promise<T>
}

/** A call may last a day, and a test need not wait for that. */
const simulatedMs = 86_400_000
/** As long as a busy machine may need for what is no simulated time, such as a file. */
const realMs = 10_000

/** Several may wait at once: one loop moves the clock for them all. */
export function createPump(clock: SteppedClock): Pump {
  const waiting = new Set<Promise<unknown>>()
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    while (waiting.size > 0) await clock.runUntil(Promise.race(waiting), { simulatedMs, realMs })
  }

  return {
    async until(done) {
      const settled = done.then(
        () => {},
        () => {},
      )
      waiting.add(settled)
      void settled.then(() => waiting.delete(settled))
      running ??= run().finally(() => {
        running = undefined
      })
      try {
        await Promise.race([settled, running])
      } finally {
        waiting.delete(settled)
      }
      return done
    },
  }
}
