import { bytesToMs } from '../../audio/duration.ts'

/** What is known of the text that is being spoken, up to one Flush. All times are of one clock, in milliseconds. */
export interface Progress {
  /** The shortest time in which the text could be spoken. */
  readonly expectedMs: number
  readonly audioBytes: number
  readonly audioAt: number | undefined
  /** When its turn came and its Flush was sent, whichever was later. */
  readonly askedAt: number | undefined
  readonly flushedAt: number | undefined
  /** Since when the service ignores its Flush, which is then asked again and again. */
  readonly ignoredAt: number | undefined
}

/** What is known of `Flushed`: it is the last of an utterance, or comes before the last audio, or nothing yet. */
export type Habit = 'last' | 'early' | 'unknown'

/** After a `Flushed` that may be early, until it has been shown that it is not. */
const quietAtFirstMs = 300
const quietAfterEarlyMs = 1500
const quietMs = 3000
const stalledMs = 5000
const noAudioMs = 10_000

export interface Ending {
  readonly atMs: number
  readonly kind: 'done' | 'stalled' | 'never-flushed'
}

/** Whether the audio may be all of it. */
export function isPlausible(progress: Pick<Progress, 'audioBytes' | 'expectedMs'>): boolean {
  return bytesToMs(progress.audioBytes) >= progress.expectedMs
}

/** Whether the service has said that this is all of the audio, in a way that can be believed. */
export function isConfirmed(progress: Progress, habit: Habit): boolean {
  return progress.flushedAt !== undefined && habit !== 'early' && isPlausible(progress)
}

/**
 * What becomes of it if nothing comes until `atMs`; `undefined` while it may wait, because more text may follow.
 *
 * `Flushed` says that all audio was sent. It is not relied on alone: a service may be silent, or say it early or never.
 */
export function endingIfSilent(progress: Progress, habit: Habit): Ending | undefined {
  const { audioBytes, flushedAt, ignoredAt } = progress
  const askedAt = ignoredAt ?? progress.askedAt
  if (askedAt === undefined) return undefined
  const latestAt = Math.max(askedAt, flushedAt ?? 0, progress.audioAt ?? 0)
  const plausible = isPlausible(progress)
  if (flushedAt === undefined) {
    if (plausible) return { atMs: latestAt + quietMs, kind: 'done' }
    if (ignoredAt !== undefined) return { atMs: latestAt + noAudioMs, kind: 'never-flushed' }
    return { atMs: latestAt + (audioBytes === 0 ? noAudioMs : stalledMs), kind: 'stalled' }
  }
  if (!plausible) {
    if (audioBytes > 0) return { atMs: latestAt + quietMs, kind: 'done' }
    return { atMs: Math.min(askedAt + noAudioMs, flushedAt + quietMs), kind: 'stalled' }
  }
  return { atMs: latestAt + quietOf[habit], kind: 'done' }
}

const quietOf: Readonly<Record<Habit, number>> = { last: 0, unknown: quietAtFirstMs, early: quietAfterEarlyMs }
