import type { Habit } from './ending.ts'

/** What one session learns of the service and others can use. */
export interface Knowledge {
  /** All audio was seen to come before its `Flushed`. */
  flushedIsLast: boolean
}

/** How far a session relies on `Flushed` and `Cleared`: the documentation says one thing, nobody has captured it. */
export interface Habits {
  readonly flushed: Habit
  /**
   * Audio was seen to come after `Cleared`. That none came shows nothing: there may have been none on its way, and what
   * is let through is heard in another's words. So `Cleared` is never relied on alone.
   */
  readonly audioAfterCleared: boolean
  /** Nothing came after a `Flushed`. */
  proven(): void
  /** Audio came after it. */
  disproven(what: 'flushed' | 'cleared'): void
  /** `Flushed` did not come. */
  missing(): void
}

export function createHabits(knowledge: Knowledge): Habits {
  const early = { flushed: false, cleared: false }

  return {
    get flushed() {
      if (early.flushed) return 'early'
      return knowledge.flushedIsLast ? 'last' : 'unknown'
    },
    get audioAfterCleared() {
      return early.cleared
    },
    proven() {
      if (!early.flushed) knowledge.flushedIsLast = true
    },
    disproven(what) {
      early[what] = true
      if (what === 'flushed') knowledge.flushedIsLast = false
    },
    missing() {
      knowledge.flushedIsLast = false
    },
  }
}
