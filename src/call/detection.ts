import type { Clock } from '../ops/clock.ts'

/** Twilio's detection usually tells within four seconds of the answer; a short message is over before. */
const verdictDueMs = 10_000

/** What Twilio's detection says of who answered. */
export interface Detection {
  /** In Twilio's words (`human`, `machine_start`, …); null before it said anything. */
  readonly answeredBy: string | null
  /** Returns whether it is news. */
  says(verdict: string): boolean
  /** Resolves with the verdict, or when none is to be expected any more. */
  verdict(answeredMs: number): Promise<void>
  /** Nobody waits for it any longer. */
  over(): void
}

export function createDetection(clock: Clock): Detection {
  const told = Promise.withResolvers<void>()
  let answeredBy: string | null = null
  return {
    get answeredBy() {
      return answeredBy
    },
    says(verdict) {
      if (answeredBy !== null) return false
      answeredBy = verdict
      told.resolve()
      return true
    },
    async verdict(answeredMs) {
      const due = clock.after(answeredMs + verdictDueMs - clock.now(), told.resolve)
      await told.promise
      due.cancel()
    },
    over: () => told.resolve(),
  }
}
