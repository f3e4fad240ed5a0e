/** How late the event loop runs, as a mean over about a second: a single pause is no overload, nor is a start. */
export interface LoopDelay {
  /** 0 until there are enough samples to tell. */
  readonly meanMs: number
  stop(): void
}

const everyMs = 50

/** Measures in the machine's own time, whatever clock calls run on. Keeps no process alive. */
export function measureLoopDelay(samples = 20): LoopDelay {
  const late: number[] = []
  let dueMs = performance.now() + everyMs
  const timer = setInterval(() => {
    const nowMs = performance.now()
    late.push(Math.max(0, nowMs - dueMs))
    if (late.length > samples) late.shift()
    dueMs = nowMs + everyMs
  }, everyMs)
  timer.unref()
  return {
    get meanMs() {
      return late.length < samples ? 0 : late.reduce((sum, ms) => sum + ms, 0) / late.length
    },
    stop: () => clearInterval(timer),
  }
}
