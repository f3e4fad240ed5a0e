/** Gaps of up to a second were seen inside an utterance; half of one is waited for even where it is heard. */
const leastSilenceMs = 500
/** The next provider takes about this long to its first audio: it begins while the callee still hears the last one. */
const marginMs = 800
/** A connection takes about this long. */
const warmingMs = 700

/** What is known while the audio of an utterance is awaited. All times in milliseconds, of one clock. */
export interface Wait {
  /** When its text was given, or its last audio came. */
  readonly sinceMs: number
  /** Nothing was to be heard when the wait began: the callee waits for a first word. */
  readonly fromSilence: boolean
  /** Sound passed on and not yet played, now. */
  readonly bufferedMs: number
}

/**
 * When the next provider's connection is made (`warmAtMs`) and when it takes over (`leaveAtMs`), if nothing comes.
 *
 * A silence that nobody hears, since sound waits at Twilio, is no reason to change the voice: as long as more is
 * buffered than the next provider needs to begin, the present one is waited for.
 */
export function patience(
  wait: Wait,
  nowMs: number,
  firstAudioTimeoutMs: number,
): { readonly warmAtMs: number; readonly leaveAtMs: number } {
  const { sinceMs } = wait
  const leaveAtMs = wait.fromSilence
    ? sinceMs + firstAudioTimeoutMs
    : Math.max(sinceMs + leastSilenceMs, nowMs + wait.bufferedMs - marginMs)
  const warmAtMs = wait.fromSilence
    ? sinceMs + firstAudioTimeoutMs / 2
    : Math.max(sinceMs + leastSilenceMs / 2, leaveAtMs - warmingMs)
  return { warmAtMs, leaveAtMs }
}
