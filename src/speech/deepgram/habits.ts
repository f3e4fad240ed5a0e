import type { Habit } from './ending.ts'

/** What one session learns of the service and others can use. */
export interface Knowledge {
  /** All audio was seen to come before its `Flushed`. */
  flushedIsLast: boolean
}

/** How far a session relies on `Flushed`. */
export interface Habits {
  readonly flushed: Habit
  /** An utterance ended with `Flushed`, and nothing came after it. */
  proven(): void
  /** Audio came after its `Flushed`. */
  disproven(): void
  /** `Flushed` did not come. */
  missing(): void
}

export function createHabits(knowledge: Knowledge): Habits {
  let early = false
  return {
    get flushed() {
      if (early) return 'early'
      return knowledge.flushedIsLast ? 'last' : 'unknown'
    },
    proven() {
      if (!early) knowledge.flushedIsLast = true
    },
    disproven() {
      early = true
      knowledge.flushedIsLast = false
    },
    missing() {
      knowledge.flushedIsLast = false
    },
  }
}
