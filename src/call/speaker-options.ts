import type { ChangingSession } from '../speech/changing.ts'
import type { Timeline } from './events.ts'
import type { LineOptions } from './line.ts'
import type { Sentences } from './script.ts'
import type { WordsTold } from './words-told.ts'

export interface SpeakerOptions extends LineOptions {
  readonly timeline: Timeline
  readonly words: Pick<WordsTold, 'tellWords' | 'wordsWatched'>
  readonly session: Pick<ChangingSession, 'take'>
  readonly sentences: Sentences
  /** Whether the speech service takes words. */
  readonly partialText: boolean
}
