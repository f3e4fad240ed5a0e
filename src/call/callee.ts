import type { CallFacts } from './describe.ts'
import { type Answerer, createDetection, type Detection } from './detection.ts'
import type { Timeline } from './events.ts'
import type { CalleeAnswer } from './outcome.ts'
import type { CallSessionOptions } from './session-options.ts'

/** What is known of whoever is called: when they answered, who they are, what they pressed and answered. */
export interface Callee {
  facts(): Pick<CallFacts, 'answeredBy' | 'keys' | 'answer' | 'answeredMs' | 'firstAudioMs'>
  /** Returns whether it is news. */
  answered(): boolean
  firstAudio(): void
  key(digit: string): void
  answer(answer: CalleeAnswer): void
  /** Twilio's detection tells who answered. */
  answeredBy(verdict: string): void
  /** See `Detection`. */
  answerer(): Promise<Answerer | null>
  /** Nobody waits for detection any longer. */
  over(): void
}

type CalleeOptions = Pick<CallSessionOptions, 'clock' | 'observer' | 'awaitVerdict' | 'awaitBeep'>

export function createCallee(options: CalleeOptions, timeline: Timeline): Callee {
  return new CalledParty(options, timeline)
}

class CalledParty implements Callee {
  readonly #options: CalleeOptions
  readonly #timeline: Timeline
  /** Undefined where it was not asked for, and has said nothing. */
  #detection: Detection | undefined
  #answeredMs: number | undefined
  #firstAudioMs: number | undefined
  #keys = ''
  /** For whoever waits for it. */
  #pressed: PromiseWithResolvers<null> | undefined
  #answer: CalleeAnswer | null = null

  constructor(options: CalleeOptions, timeline: Timeline) {
    this.#options = options
    this.#timeline = timeline
    if (options.awaitVerdict) this.#detection = createDetection(options.clock, timeline, options)
  }

  facts(): ReturnType<Callee['facts']> {
    return {
      answeredBy: this.#detection?.answeredBy() ?? null,
      keys: this.#keys,
      answer: this.#answer,
      answeredMs: this.#answeredMs,
      firstAudioMs: this.#firstAudioMs,
    }
  }

  answered(): boolean {
    if (this.#answeredMs !== undefined) return false
    this.#answeredMs = this.#options.clock.now()
    this.#detection?.answered(this.#answeredMs)
    return true
  }

  firstAudio(): void {
    this.#firstAudioMs = this.#options.clock.now()
    const afterAnswerMs = this.#firstAudioMs - (this.#answeredMs ?? this.#firstAudioMs)
    this.#timeline.report({ type: 'first-audio', afterAnswerMs })
    this.#options.observer?.firstAudio(afterAnswerMs)
  }

  key(digit: string): void {
    this.#keys += digit
    this.#pressed?.resolve(null)
    this.#timeline.report({ type: 'key', digit })
  }

  answer(given: CalleeAnswer): void {
    this.#answer = given
  }

  answeredBy(verdict: string): void {
    this.#detection ??= createDetection(this.#options.clock, this.#timeline, this.#options)
    this.#detection.says(verdict)
  }

  async answerer(): Promise<Answerer | null> {
    if (this.#keys === '') {
      this.#pressed ??= Promise.withResolvers<null>()
      const told = await Promise.race([this.#pressed.promise, this.#detection?.answerer() ?? null])
      if (this.#keys === '') return told
    }
    // A machine presses no keys.
    return 'person'
  }

  over(): void {
    this.#detection?.over()
  }
}
