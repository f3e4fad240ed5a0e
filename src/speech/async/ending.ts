import { bytesToMs } from '../../audio/duration.ts'
import type { SpeechEnd } from '../provider.ts'

/** What is known of the utterance being spoken. All times are of one clock, in milliseconds. */
export interface Progress {
  /** The shortest time in which the text pushed so far could be spoken. */
  readonly expectedMs: number
  readonly audioBytes: number
  /** When the last text was sent, or wanted to be sent while there was no connection. */
  readonly textAt: number | undefined
  /** When the first text was, for which no audio at all has come yet. */
  readonly awaitingSince: number | undefined
  /** When the end of the text was sent. */
  readonly endedAt: number | undefined
  readonly audioAt: number | undefined
  /** The last `final` after the end of the text: one before it ends nothing. */
  readonly finalAt: number | undefined
  /** The first `final` that came before any audio. */
  readonly silentFinalAt: number | undefined
}

/** How an utterance ends as done: without a `final` behind the end of the text nobody said that this was all of it. */
export function doneEnd({ finalAt }: Pick<Progress, 'finalAt'>): SpeechEnd {
  return finalAt === undefined ? { kind: 'done', unconfirmed: true } : { kind: 'done' }
}

/** Gaps inside an utterance were seen up to 1 s. */
const quietAfterFinalMs = 300
/** Where audio came after `final`, `final` proves little, and gaps must be allowed for. */
const quietAfterEarlyFinalMs = 1500
const quietWithoutFinalMs = 3000
const stalledMs = 5000
const noAudioMs = 10_000

export interface Ending {
  readonly atMs: number
  /** `server-context`: the service seems to ignore our context ids, speak again under its own. */
  readonly kind: 'done' | 'stalled' | 'server-context'
}

/** Whether every text got some audio, and all of them as much as they must make at least. */
export function isPlausible(progress: Progress): boolean {
  return progress.awaitingSince === undefined && bytesToMs(progress.audioBytes) >= progress.expectedMs
}

/** Whether the service itself said, at the end, that all audio came. */
export function isCertain(progress: Progress): boolean {
  return progress.finalAt !== undefined && isPlausible(progress) && (progress.audioAt ?? 0) <= progress.finalAt
}

/**
 * What becomes of the utterance if nothing comes and nothing is pushed until `atMs`; `undefined` while it may wait for
 * ever, because all text so far was spoken and more may be pushed.
 *
 * Async's `final` may be missing, or come while audio follows, and a dead service says nothing: so the end is told
 * from `final`, from silence, and from how much audio the text must have made.
 */
export function endingIfSilent(progress: Progress, hasServerContext: boolean): Ending | undefined {
  const { textAt, awaitingSince, endedAt, finalAt, silentFinalAt } = progress
  if (textAt === undefined) return undefined
  if (awaitingSince !== undefined) {
    if (hasServerContext && silentFinalAt !== undefined && progress.audioBytes === 0)
      return { atMs: silentFinalAt + quietAfterFinalMs, kind: 'server-context' }
    const latestAt = awaitingSince + noAudioMs
    return {
      atMs: finalAt === undefined ? latestAt : Math.min(latestAt, finalAt + quietWithoutFinalMs),
      kind: 'stalled',
    }
  }
  const audioAt = progress.audioAt ?? textAt
  const plausible = isPlausible(progress)
  if (endedAt !== undefined && finalAt !== undefined) {
    const quietMs = !plausible ? quietWithoutFinalMs : audioAt > finalAt ? quietAfterEarlyFinalMs : quietAfterFinalMs
    return { atMs: Math.max(finalAt, audioAt) + quietMs, kind: 'done' }
  }
  if (!plausible) return { atMs: Math.max(audioAt, endedAt ?? 0) + stalledMs, kind: 'stalled' }
  return endedAt === undefined ? undefined : { atMs: Math.max(audioAt, endedAt) + quietWithoutFinalMs, kind: 'done' }
}
