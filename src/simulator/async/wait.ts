import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../clock.ts'

/** Resolves after `ms` on the clock, or on abort. Without a delay it still lets sockets and timers have their turn. */
export async function wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  if (ms <= 0) return turn()
  await new Promise<void>((resolve) => {
    const timer = clock.after(ms, done)
    function done(): void {
      timer.cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
  })
}
