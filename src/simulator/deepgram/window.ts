/** What is allowed in any stretch of `windowMs`. */
export interface Window {
  /** The sum of the stretch that ends at `nowMs`. */
  sum(nowMs: number): number
  add(nowMs: number, amount: number): void
}

/** A sliding window: an amount counts for `windowMs`, and no longer. */
export function createWindow(windowMs = 60_000): Window {
  let entries: { readonly atMs: number; readonly amount: number }[] = []
  return {
    sum(nowMs) {
      entries = entries.filter((entry) => entry.atMs > nowMs - windowMs)
      return entries.reduce((sum, entry) => sum + entry.amount, 0)
    },
    add: (atMs, amount) => void entries.push({ atMs, amount }),
  }
}
