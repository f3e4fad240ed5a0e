/** A Prometheus histogram of durations for paths that run for every chunk of audio. */
export interface HotHistogram {
  /** Allocates nothing and never throws; what is no duration is left out. */
  readonly observe: (durationMs: number) => void
  /** In Prometheus' text format, in seconds. */
  text(): string
}

/** @param options `boundsMs`: upper bounds of the buckets, ascending */
export function createHotHistogram(options: {
  readonly name: string
  readonly help: string
  readonly boundsMs: readonly number[]
}): HotHistogram {
  const { name, help } = options
  const boundsMs = Float64Array.from(options.boundsMs)
  const counts = new Float64Array(boundsMs.length + 1)
  const sumMs = new Float64Array(1)
  return {
    observe(durationMs) {
      if (!(durationMs >= 0 && durationMs < Number.POSITIVE_INFINITY)) return
      let bucket = 0
      while (bucket < boundsMs.length && durationMs > (boundsMs[bucket] ?? 0)) bucket++
      counts[bucket] = (counts[bucket] ?? 0) + 1
      sumMs[0] = (sumMs[0] ?? 0) + durationMs
    },
    text() {
      const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`]
      let count = 0
      for (const [bucket, added] of counts.entries()) {
        count += added
        const bound = boundsMs[bucket]
        lines.push(`${name}_bucket{le="${bound === undefined ? '+Inf' : bound / 1000}"} ${count}`)
      }
      lines.push(`${name}_sum ${(sumMs[0] ?? 0) / 1000}`, `${name}_count ${count}`)
      return `${lines.join('\n')}\n`
    },
  }
}
