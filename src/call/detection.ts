import type { Clock, Timer } from '../ops/clock.ts'

/** Twilio's detection usually tells within four seconds of the answer; a short message is over before. */
const verdictDueMs = 10_000

/** Who answered, as Twilio's detection tells: once, late, or never. */
export interface Detection {
  /** In Twilio's words; null while it has not told. */
  readonly answeredBy: string | null
  /** The first verdict counts. Returns whether this is it. */
  told(answeredBy: string): boolean
  /** Resolves when the verdict is there or will not come any more, ten seconds after the answer. */
  verdict(answeredMs: number): Promise<void>
  stop(): void
}

export function createDetection(clock: Clock): Detection {
  const verdict = Promise.withResolvers<void>()
  let answeredBy: string | null = null
  let due: Timer | undefined
  return {
    get answeredBy() {
      return answeredBy
    },
    told(who) {
      if (answeredBy !== null) return false
      answeredBy = who
      verdict.resolve()
      return true
    },
    verdict(answeredMs) {
      due ??= clock.after(answeredMs + verdictDueMs - clock.now(), verdict.resolve)
      return verdict.promise
    },
    stop() {
      due?.cancel()
      verdict.resolve()
    },
  }
}
