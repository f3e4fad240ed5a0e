/**
 * When an utterance has ended. Async tells no end of an utterance, and how often it tells a final text, if at all before it
 * is asked, is not known. So the end is ours to find: in the silence of the line, and, where a line is never silent, in
 * the words that no longer come.
 */
export interface Course {
  /** The last words may still change: no final text has come for them. */
  readonly open: boolean
  /** Since the words last changed. */
  readonly unchangedMs: number
  /** For how long there has been no voice on the line. */
  readonly silentMs: number
}

/** Long enough for a breath within a sentence, short enough for a dialogue. */
const pauseMs = 300
/** So long a final text is waited for in the silence before it is asked for. */
const finalPatienceMs = 1000
/** On a noisy line. */
const longestMs = 2500

/** `end`: it has ended. `ask`: it has, but for its final text, which has to be asked for. */
export function endOf({ open, unchangedMs, silentMs }: Course): 'end' | 'ask' | undefined {
  const silent = silentMs >= pauseMs && unchangedMs >= (open ? finalPatienceMs : 0)
  if (!silent && unchangedMs < longestMs) return undefined
  return open ? 'ask' : 'end'
}

/** When `endOf` must be asked again, also if no sound comes any more. */
export const lookAgainMs = longestMs
