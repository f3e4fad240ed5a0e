import type { Clock } from '../ops/clock.ts'
import type { ChangingSession } from '../speech/changing.ts'
import type { MediaConnection } from './connection.ts'
import type { Timeline } from './events.ts'
import type { Meter } from './meter.ts'
import type { Sentences } from './script.ts'
import type { WordsTold } from './words-told.ts'

export interface SpeakerOptions {
  readonly clock: Clock
  readonly timeline: Timeline
  readonly words: Pick<WordsTold, 'tellWords' | 'wordsWatched'>
  readonly session: Pick<ChangingSession, 'take'>
  readonly connection: MediaConnection
  readonly sentences: Sentences
  /** Whether the speech service takes words. */
  readonly partialText: boolean
  readonly keepAudio: boolean
  readonly firstAudio: () => void
  readonly meter?: Meter | undefined
}
