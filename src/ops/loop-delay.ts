/** How late the event loop runs, as a mean over about a second: a single pause is no overload. */
export interface LoopDelay {
  readonly meanMs: number
  stop(): void
}

const everyMs = 50
const samples = 20

/** Measures in the machine's own time, whatever clock calls run on. Keeps no process alive. */
export function measureLoopDelay(): LoopDelay {
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
      return late.length === 0 ? 0 : late.reduce((sum, ms) => sum + ms, 0) / late.length
    },
    stop: () => clearInterval(timer),
  }
}
