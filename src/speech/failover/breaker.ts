import type { BridgeError } from '../../errors.ts'

/** Failures one after the other that make a provider be left out for a while. */
const failuresToOpen = 3
const firstPauseMs = 15_000
const longestPauseMs = 120_000
/** What does not heal by itself (a bad key, a quota used up) is asked again this seldom. */
const refusedPauseMs = 600_000

/** `due`: left out still, but a probe may show that it is well again. */
export type BreakerState = 'closed' | 'open' | 'due'

/** What the failures of one provider, over all calls, say about the next call. Pure: time is told. */
export interface Breaker {
  state(nowMs: number): BreakerState
  /** Returns for how long it is left out now, if this failure is the one that opened it; else undefined. */
  failed(error: BridgeError, nowMs: number): number | undefined
  /** It spoke a sentence. */
  spoke(): void
  /** A probe begins: until it ends no other is due. */
  probing(): void
  /** A connection could be made again. One more failure opens it again. */
  probed(): void
  /** Why it was opened. */
  readonly error: BridgeError | undefined
}

/** A breaker that has seen nothing. */
export function createBreaker(): Breaker {
  let failures = 0
  let pauseMs = firstPauseMs
  let openUntilMs: number | undefined
  let underProbe = false
  let error: BridgeError | undefined

  function close(): void {
    openUntilMs = undefined
    underProbe = false
    error = undefined
  }

  return {
    state(nowMs) {
      if (openUntilMs === undefined) return 'closed'
      return nowMs < openUntilMs || underProbe ? 'open' : 'due'
    },
    failed(why, nowMs) {
      const reopened = underProbe
      underProbe = false
      failures++
      if (openUntilMs !== undefined && !reopened) return undefined
      if (why.retryable && failures < failuresToOpen) return undefined
      const forMs = why.retryable ? pauseMs : refusedPauseMs
      openUntilMs = nowMs + forMs
      pauseMs = Math.min(longestPauseMs, pauseMs * 2)
      error = why
      return reopened ? undefined : forMs
    },
    spoke() {
      // Of a call that began before it was opened, and says nothing of the next one.
      if (openUntilMs !== undefined) return
      failures = 0
      pauseMs = firstPauseMs
    },
    probing() {
      underProbe = true
    },
    probed() {
      if (!underProbe) return
      close()
      failures = failuresToOpen - 1
    },
    get error() {
      return error
    },
  }
}
