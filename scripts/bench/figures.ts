import type { Cost } from './probe-messages.ts'

/** Figures made of what was measured. Pure. */
export interface Samples {
  add(value: number): void
  readonly count: number
  /** Ascending. */
  sorted(): Float64Array
}

export function createSamples(): Samples {
  let values = new Float64Array(1024)
  let count = 0
  return {
    add(value) {
      if (count === values.length) {
        const more = new Float64Array(count * 2)
        more.set(values)
        values = more
      }
      values[count++] = value
    },
    get count() {
      return count
    },
    sorted: () => values.slice(0, count).sort(),
  }
}

export interface Spread {
  readonly count: number
  readonly p50: number | null
  readonly p99: number | null
  readonly p999: number | null
  readonly max: number | null
}

/** By the nearest rank: a value that was measured, never one in between. Null where nothing was. */
export function quantile(sorted: Float64Array, share: number): number | null {
  const rank = Math.max(1, Math.ceil(share * sorted.length))
  return rounded(sorted[rank - 1])
}

export function spreadOf(...samples: readonly Samples[]): Spread {
  const all = samples.flatMap((one) => [...one.sorted()])
  const sorted = Float64Array.from(all).sort()
  return {
    count: sorted.length,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    p999: quantile(sorted, 0.999),
    max: quantile(sorted, 1),
  }
}

/** Three digits behind the point; null for what is no number, which JSON has none of. */
export function rounded(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Math.round(value * 1000) / 1000
}

export function ratio(server: number | null, floor: number | null): number | null {
  return server === null || floor === null || floor === 0 ? null : rounded(server / floor)
}

/** What several rounds cost together. */
export function addCosts(costs: readonly Cost[]): Cost {
  const sum = (of: (cost: Cost) => number) => costs.reduce((total, cost) => total + of(cost), 0)
  const most = (of: (cost: Cost) => number) => Math.max(0, ...costs.map(of))
  return {
    elapsedMs: sum((cost) => cost.elapsedMs),
    userMs: sum((cost) => cost.userMs),
    systemMs: sum((cost) => cost.systemMs),
    allocatedBytes: sum((cost) => cost.allocatedBytes),
    collections: sum((cost) => cost.collections),
    pausedMs: sum((cost) => cost.pausedMs),
    longestPauseMs: most((cost) => cost.longestPauseMs),
    loopP50Ms: most((cost) => cost.loopP50Ms),
    loopP99Ms: most((cost) => cost.loopP99Ms),
    loopMaxMs: most((cost) => cost.loopMaxMs),
  }
}

/** A generator that takes more of a core, or sends later, measures itself. */
const mostGeneratorShare = 0.7
const mostLateP99Ms = 5

/** Why what was measured counts for nothing; empty when it counts. */
export function voidReasons(generator: { readonly share: number; readonly lateP99Ms: number | null }): string[] {
  const reasons: string[] = []
  if (generator.share > mostGeneratorShare)
    reasons.push(`the generator took ${Math.round(generator.share * 100)} % of a core (at most 70 %)`)
  if ((generator.lateP99Ms ?? 0) > mostLateP99Ms)
    reasons.push(`the generator sent ${generator.lateP99Ms} ms late at p99 (at most ${mostLateP99Ms} ms)`)
  return reasons
}
