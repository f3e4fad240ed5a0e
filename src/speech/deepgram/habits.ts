import type { Habit } from './ending.ts'

/** What one session learns of the service and others can use. */
export interface Knowledge {
  /** All audio was seen to come before its `Flushed`. */
  flushedIsLast: boolean
  /** No audio was seen to come after `Cleared`. */
  clearedIsLast: boolean
}

/** How far a session relies on `Flushed` and `Cleared`: the documentation says one thing, nobody has captured it. */
export interface Habits {
  readonly flushed: Habit
  readonly cleared: Habit
  /** Nothing came after it. */
  proven(what: 'flushed' | 'cleared'): void
  /** Audio came after it. */
  disproven(what: 'flushed' | 'cleared'): void
  /** `Flushed` did not come. */
  missing(): void
}

export function createHabits(knowledge: Knowledge): Habits {
  const early = { flushed: false, cleared: false }

  function habit(what: 'flushed' | 'cleared', known: boolean): Habit {
    if (early[what]) return 'early'
    return known ? 'last' : 'unknown'
  }
  function learn(what: 'flushed' | 'cleared', isLast: boolean): void {
    if (what === 'flushed') knowledge.flushedIsLast = isLast
    else knowledge.clearedIsLast = isLast
  }

  return {
    get flushed() {
      return habit('flushed', knowledge.flushedIsLast)
    },
    get cleared() {
      return habit('cleared', knowledge.clearedIsLast)
    },
    proven(what) {
      if (!early[what]) learn(what, true)
    },
    disproven(what) {
      early[what] = true
      learn(what, false)
    },
    missing: () => learn('flushed', false),
  }
}
