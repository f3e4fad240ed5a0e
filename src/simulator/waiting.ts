import { setImmediate as turn } from 'node:timers/promises'
import { type Clock, holdIfStepped, type Timer } from './clock.ts'

/** The longest delay a timer of the platform takes; longer ones are as good as never. */
const longestTimerMs = 2_147_483_647

/** Calls `fire` after `delayMs`, unless `signal` aborts first. A delay of infinity never fires. */
export function later(clock: Clock, delayMs: number, signal: AbortSignal, fire: () => void): Timer {
  if (signal.aborted || !(delayMs <= longestTimerMs)) return { cancel() {} }
  const timer = clock.after(Math.max(0, delayMs), () => {
    signal.removeEventListener('abort', cancel)
    fire()
  })
  function cancel(): void {
    timer.cancel()
    signal.removeEventListener('abort', cancel)
  }
  signal.addEventListener('abort', cancel, { once: true })
  return { cancel }
}

/** Resolves to true after `delayMs`, to false as soon as `signal` aborts. */
export function wait(clock: Clock, delayMs: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false)
    const aborted = () => resolve(false)
    signal.addEventListener('abort', aborted, { once: true })
    later(clock, delayMs, signal, () => {
      signal.removeEventListener('abort', aborted)
      resolve(true)
    })
  })
}

/** Like `wait`, but without a delay it only lets sockets and timers have their turn: a timer takes a millisecond at least. */
export async function waitOrTurn(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  if (delayMs <= 0) await turn()
  else await wait(clock, delayMs, signal)
}

/**
 * Holds a stepped clock until the returned function is called, at most `realMs` of real time: a server that answers
 * only after simulated time has passed must not bring everything to a stop.
 */
export function holdBriefly(clock: Clock, realMs: number): () => void {
  const release = holdIfStepped(clock)
  const limit = setTimeout(release, realMs)
  limit.unref()
  return () => {
    clearTimeout(limit)
    release()
  }
}
