import type { CallFacts } from './describe.ts'
import { type Answerer, createDetection } from './detection.ts'
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

export function createCallee(
  { clock, observer, ...asked }: Pick<CallSessionOptions, 'clock' | 'observer' | 'awaitVerdict' | 'awaitBeep'>,
  timeline: Timeline,
): Callee {
  const detection = createDetection(clock, timeline, asked)
  let answeredMs: number | undefined
  let firstAudioMs: number | undefined
  let keys = ''
  /** For whoever waits for it. */
  let pressed: PromiseWithResolvers<null> | undefined
  let answer: CalleeAnswer | null = null
  return {
    facts: () => ({ answeredBy: detection.answeredBy(), keys, answer, answeredMs, firstAudioMs }),
    answered() {
      if (answeredMs !== undefined) return false
      answeredMs = clock.now()
      detection.answered(answeredMs)
      return true
    },
    firstAudio() {
      firstAudioMs = clock.now()
      const afterAnswerMs = firstAudioMs - (answeredMs ?? firstAudioMs)
      timeline.report({ type: 'first-audio', afterAnswerMs })
      observer?.firstAudio(afterAnswerMs)
    },
    key(digit) {
      keys += digit
      pressed?.resolve(null)
      timeline.report({ type: 'key', digit })
    },
    answer(given) {
      answer = given
    },
    answeredBy: (verdict) => detection.says(verdict),
    async answerer() {
      pressed ??= Promise.withResolvers<null>()
      const told = keys === '' ? await Promise.race([pressed.promise, detection.answerer()]) : null
      // A machine presses no keys.
      return keys === '' ? told : 'person'
    },
    over: () => detection.over(),
  }
}
