import type { Clock } from '../ops/clock.ts'
import type { Timeline } from './events.ts'

/** Who answered. A machine is one that records; where detection waits for its beep, it records now. */
export type Answerer = 'person' | 'machine' | 'fax'

/** How long Twilio listens for the end of a greeting; it takes 3 to 59 s. */
export const greetingMs = 50_000
/** Twilio's detection usually tells within four seconds of the answer; a short message is over before. */
const verdictDueMs = 10_000
const afterGreetingMs = 5_000

/** What Twilio's detection says of who answered. */
export interface Detection {
  /** In Twilio's words (`human`, `machine_start`, …); null before it said anything. */
  answeredBy(): string | null
  /** The first word counts: detection is asked once. */
  says(verdict: string): void
  answered(atMs: number): void
  /** Who answered; null where Twilio cannot tell, was not asked, or does not tell in time. Never rejects. */
  answerer(): Promise<Answerer | null>
  /** Nobody waits for it any longer. */
  over(): void
}

/** @param options `awaitVerdict`: it was asked for; `awaitBeep`: at the end of a greeting */
export function createDetection(
  clock: Clock,
  timeline: Timeline,
  { awaitVerdict, awaitBeep = false }: { readonly awaitVerdict: boolean; readonly awaitBeep?: boolean },
): Detection {
  /** For whoever waits for it. */
  let told: PromiseWithResolvers<void> | undefined
  let over = false
  const dueMs = awaitBeep ? greetingMs + afterGreetingMs : verdictDueMs
  let answeredBy: string | null = null
  let answeredMs: number | undefined
  return {
    answeredBy: () => answeredBy,
    says(verdict) {
      if (answeredBy !== null) return
      answeredBy = verdict
      if (verdict.startsWith('machine')) timeline.report({ type: 'voicemail' })
      told?.resolve()
    },
    answered(atMs) {
      answeredMs ??= atMs
    },
    async answerer() {
      if (!awaitVerdict || answeredMs === undefined || answeredBy !== null || over) return answererOf(answeredBy)
      told ??= Promise.withResolvers<void>()
      const due = clock.after(answeredMs + dueMs - clock.now(), told.resolve)
      await told.promise
      due.cancel()
      return answererOf(answeredBy)
    },
    over() {
      over = true
      told?.resolve()
    },
  }
}

function answererOf(verdict: string | null): Answerer | null {
  if (verdict === 'human') return 'person'
  if (verdict === 'fax') return 'fax'
  return verdict?.startsWith('machine') ? 'machine' : null
}
