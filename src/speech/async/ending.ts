import { bytesToMs } from '../../audio/duration.ts'
import type { BridgeError } from '../../errors.ts'
import type { SpeechEnd } from '../provider.ts'

/** What is known of the utterance being spoken. All times are of one clock, in milliseconds. */
export interface Progress {
  /** The shortest time in which the text pushed so far could be spoken. */
  readonly expectedMs: number
  readonly audioBytes: number
  /** When it became the one that is passed on; it may have been made ahead. */
  readonly turnAt: number | undefined
  /** When the last text was sent, or wanted to be sent while there was no connection. */
  readonly textAt: number | undefined
  /** When the first text was, for which no audio at all has come yet. */
  readonly awaitingSince: number | undefined
  /** When the end of the text was sent. */
  readonly endedAt: number | undefined
  /** When its last audio came. Always a number, which is written in place: it changes with every chunk. */
  readonly audioAt: number
  /** The last `final` after the end of the text: one before it ends nothing. */
  readonly finalAt: number | undefined
  /** The first `final` that came before any audio. */
  readonly silentFinalAt: number | undefined
  /** An error amid its audio that named no utterance, and was taken for one of another's. */
  readonly complaint: { readonly error: BridgeError; readonly at: number } | undefined
}

/** No audio came yet. */
export const neverMs = Number.NEGATIVE_INFINITY

/**
 * How an utterance ends of which there is enough audio: certain is only what the service said itself. Without its
 * word, an error that may have been of this utterance was of this one.
 */
export function enoughEnd(progress: Progress): SpeechEnd {
  if (isCertain(progress)) return { kind: 'done' }
  const { complaint } = progress
  if (complaint && !isToldEnd(progress)) return { kind: 'failed', error: complaint.error }
  return { kind: 'done', unconfirmed: true }
}

/**
 * How the loss of its connection ends an utterance; undefined where nothing of it was heard yet, so that it can be said again.
 *
 * @param orderly the service closed as if it had come to the end
 */
export function endIfLost(progress: Progress, error: BridgeError, orderly: boolean): SpeechEnd | undefined {
  if (progress.audioBytes === 0) return undefined
  const mayBeAll = progress.endedAt !== undefined && isPlausible(progress)
  return mayBeAll && (orderly || isCertain(progress)) ? enoughEnd(progress) : { kind: 'failed', error }
}

/** Gaps inside an utterance were seen up to 1 s. */
const quietAfterFinalMs = 300
/** Gaps must be allowed for where audio came after `final`, and where only audio of the next utterance tells the end. */
const quietWithinMs = 1500
const quietWithoutFinalMs = 3000
const stalledMs = 5000
const noAudioMs = 10_000
/** A service that has refused every connection so far may be starting anew; a callee waits no longer for that. */
const outOfReachMs = 3_000

export interface Ending {
  readonly atMs: number
  /** `server-context`: the service seems to ignore our context ids, speak again under its own. */
  readonly kind: 'enough' | 'stalled' | 'server-context'
}

/** Whether every text got some audio, and all of them as much as they must make at least. */
export function isPlausible(progress: Progress): boolean {
  return progress.awaitingSince === undefined && bytesToMs(progress.audioBytes) >= progress.expectedMs
}

/** Whether the service itself said, at the end, that all audio came. */
export function isCertain(progress: Progress): boolean {
  return isToldEnd(progress) && progress.audioAt <= (progress.finalAt ?? 0)
}

/** Whether the service told an end, and there is enough audio; some may have followed. */
function isToldEnd(progress: Progress): boolean {
  return progress.finalAt !== undefined && isPlausible(progress)
}

/**
 * What becomes of the utterance if nothing comes and nothing is pushed until `atMs`; `undefined` while it may wait for
 * ever, because all text so far was spoken and more may be pushed.
 *
 * Async's `final` may be missing, or come while audio follows, and a dead service says nothing: so the end is told
 * from `final`, from silence, from how much audio the text must have made, and from audio of the next utterance.
 */
export function endingIfSilent(
  progress: Progress,
  around: {
    readonly hasServerContext: boolean
    /** When the first audio of the next utterance came, if that is made ahead. */
    readonly nextAudioAt: number | undefined
    /** Every connection so far was refused, several of them. */
    readonly outOfReach?: boolean
  },
): Ending | undefined {
  const { textAt, awaitingSince, endedAt, finalAt, silentFinalAt } = progress
  if (textAt === undefined) return undefined
  /** What is made ahead may have waited for its turn at the service too. */
  const turnAt = progress.turnAt ?? 0
  if (awaitingSince !== undefined) {
    if (around.hasServerContext && silentFinalAt !== undefined && progress.audioBytes === 0)
      return { atMs: silentFinalAt + quietAfterFinalMs, kind: 'server-context' }
    const latestAt = Math.max(awaitingSince, turnAt) + (around.outOfReach ? outOfReachMs : noAudioMs)
    return {
      atMs: finalAt === undefined ? latestAt : Math.min(latestAt, finalAt + quietWithoutFinalMs),
      kind: 'stalled',
    }
  }
  const audioAt = progress.audioAt === neverMs ? textAt : progress.audioAt
  const quietSince = Math.max(audioAt, endedAt ?? 0, finalAt ?? 0, progress.complaint?.at ?? 0)
  if (endedAt !== undefined && (isPlausible(progress) || finalAt !== undefined))
    return { atMs: doneAt(progress, quietSince, around.nextAudioAt), kind: 'enough' }
  return isPlausible(progress) ? undefined : { atMs: Math.max(quietSince, turnAt) + stalledMs, kind: 'stalled' }
}

/** When an utterance, all of whose text was sent and at least some of it spoken, is done if nothing more comes. */
function doneAt(progress: Progress, quietSince: number, nextAudioAt: number | undefined): number {
  const { finalAt } = progress
  if (finalAt !== undefined && isCertain(progress)) {
    const afterFinal = quietSince + quietAfterFinalMs
    return nextAudioAt !== undefined && nextAudioAt >= finalAt ? Math.min(nextAudioAt, afterFinal) : afterFinal
  }
  const soon = isToldEnd(progress) || nextAudioAt !== undefined || progress.complaint !== undefined
  return quietSince + (soon ? quietWithinMs : quietWithoutFinalMs)
}
