/**
 * Deepgram's limits, with a margin each, since they are counted at its end and not documented to the letter.
 * Characters are counted as bytes of UTF-8, which are never fewer, in whatever way Deepgram counts.
 *
 *   2,000 characters a Speak; 2,400 characters and 20 Flushes in 60 s, each connection; 60 minutes a connection
 */
export const speakBytes = 1150
export const textAMinute = { amount: 2300, perMs: 61_000 } as const
export const flushesAMinute = { amount: 19, perMs: 61_000 } as const
/** From here on a connection is replaced as soon as nothing is being spoken on it. */
export const goodForMs = 55 * 60_000

/** An amount that may be used up in any window of time. */
export interface Allowance {
  left(nowMs: number): number
  take(nowMs: number, amount: number): void
  /** How long until `amount` may be taken; infinite when it never may. */
  waitMs(nowMs: number, amount: number): number
  /** Nothing may be taken before. */
  block(untilMs: number): void
}

export function createAllowance(limit: { readonly amount: number; readonly perMs: number }): Allowance {
  let taken: { readonly atMs: number; readonly amount: number }[] = []
  let blockedUntilMs = 0

  function inWindow(nowMs: number) {
    taken = taken.filter(({ atMs }) => atMs > nowMs - limit.perMs)
    return taken
  }
  function left(nowMs: number): number {
    if (nowMs < blockedUntilMs) return 0
    return inWindow(nowMs).reduce((rest, { amount }) => rest - amount, limit.amount)
  }

  return {
    left,
    take: (atMs, amount) => void taken.push({ atMs, amount }),
    waitMs(nowMs, amount) {
      if (amount > limit.amount) return Number.POSITIVE_INFINITY
      const blockedMs = Math.max(0, blockedUntilMs - nowMs)
      let free = limit.amount
      for (const one of inWindow(nowMs)) free -= one.amount
      if (free >= amount) return blockedMs
      for (const one of taken) {
        free += one.amount
        if (free >= amount) return Math.max(blockedMs, one.atMs + limit.perMs - nowMs)
      }
      return Number.POSITIVE_INFINITY
    },
    block(untilMs) {
      blockedUntilMs = Math.max(blockedUntilMs, untilMs)
    },
  }
}
