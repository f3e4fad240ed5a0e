/** Does things over and over, each on absolute deadlines of its own, spread over the period. */
export interface Pacer {
  /** @returns the way out */
  add(act: (nowMs: number) => void): () => void
  stop(): void
}

/** Successive shares of it lie as far apart as they can, however many there are. */
export const goldenShare = 0.618_033_988_749_895

/**
 * A wheel of slots of one millisecond. What falls into one slot is done in one go; between two slots that are due, what
 * has come in is read, so that the time of its arrival is told right.
 *
 * @param late told with each act how long after its deadline it was done
 */
export function createPacer(periodMs: number, late: (ms: number) => void): Pacer {
  const slots = Array.from({ length: periodMs }, () => new Set<(nowMs: number) => void>())
  const epochMs = performance.now()
  let added = 0
  let tick = 0
  let stopped = false

  function turn(): void {
    if (stopped) return
    const dueMs = epochMs + tick
    const nowMs = performance.now()
    if (nowMs < dueMs) return void setTimeout(turn, dueMs - nowMs)
    for (const act of slots[tick % periodMs] ?? []) {
      const atMs = performance.now()
      late(atMs - dueMs)
      act(atMs)
    }
    tick++
    setImmediate(turn)
  }
  turn()

  return {
    add(act) {
      const slot = slots[Math.floor(((added++ * goldenShare) % 1) * periodMs)]
      slot?.add(act)
      return () => void slot?.delete(act)
    },
    stop() {
      stopped = true
    },
  }
}
