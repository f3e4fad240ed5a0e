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
export function createDetection(clock: Clock, timeline: Pick<Timeline, 'report'>, options: AskedOf): Detection {
  return new TwilioDetection(clock, timeline, options)
}

interface AskedOf {
  readonly awaitVerdict: boolean
  readonly awaitBeep?: boolean | undefined
}

class TwilioDetection implements Detection {
  readonly #clock: Clock
  readonly #timeline: Pick<Timeline, 'report'>
  readonly #options: AskedOf
  #answeredBy: string | null = null
  #answeredMs: number | undefined
  /** For whoever waits for it. */
  #told: PromiseWithResolvers<void> | undefined
  #over = false

  constructor(clock: Clock, timeline: Pick<Timeline, 'report'>, options: AskedOf) {
    this.#clock = clock
    this.#timeline = timeline
    this.#options = options
  }

  answeredBy(): string | null {
    return this.#answeredBy
  }

  says(verdict: string): void {
    if (this.#answeredBy !== null) return
    this.#answeredBy = verdict
    if (verdict.startsWith('machine')) this.#timeline.report({ type: 'voicemail' })
    this.#told?.resolve()
  }

  answered(atMs: number): void {
    this.#answeredMs ??= atMs
  }

  async answerer(): Promise<Answerer | null> {
    const { awaitVerdict, awaitBeep = false } = this.#options
    const answeredMs = this.#answeredMs
    if (awaitVerdict && answeredMs !== undefined && this.#answeredBy === null && !this.#over) {
      const told = (this.#told ??= Promise.withResolvers<void>())
      const dueMs = awaitBeep ? greetingMs + afterGreetingMs : verdictDueMs
      const due = this.#clock.after(answeredMs + dueMs - this.#clock.now(), told.resolve)
      await told.promise
      due.cancel()
    }
    return answererOf(this.#answeredBy)
  }

  over(): void {
    this.#over = true
    this.#told?.resolve()
  }
}

function answererOf(verdict: string | null): Answerer | null {
  if (verdict === 'human') return 'person'
  if (verdict === 'fax') return 'fax'
  return verdict?.startsWith('machine') ? 'machine' : null
}
