import type { Clock } from '../ops/clock.ts'

/** Waits before a request that may be sent again is sent again; after the last one it has failed. */
export const retryWaitsMs: readonly number[] = [300, 1000]

export function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => void clock.after(delayMs, resolve))
}
