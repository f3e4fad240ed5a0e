/** How far, in sound, text is given to the speech service ahead of what was heard. What a callee who hangs up did not
 *  hear is then mostly not paid for, and Twilio's ten-minute buffer is never filled. */
export const leadMs = 120_000

/** A service that makes sound at less than this multiple of real time is given text somewhat further ahead. */
const expectedRate = 2.5
const graceMs = 3_000

/**
 * How much sound is on its way to the callee. What was sent and not yet heard is known exactly; what the service still
 * has to make of its text is an estimate, which is dropped once it has had ample time: estimates that are always too
 * long would otherwise add up until no more text is given at all.
 */
export interface Lead {
  /** Text was given to the service that is thought to sound for `estimateMs`. */
  gave(estimateMs: number): void
  /** Nothing more comes of the text that was given. */
  settled(): void
  /** Sound ahead of what was heard. @param outstandingMs sound sent and not yet heard */
  aheadMs(outstandingMs: number): number
}

/** @param spokenMs all sound that came from the service so far: asked for, since it comes far more often than this is */
export function createLead(now: () => number, spokenMs: () => number): Lead {
  let expected: { estimateMs: number; readonly byMs: number }[] = []
  /** So much of it is taken off what was expected. */
  let countedMs = 0

  function count(): void {
    let left = spokenMs() - countedMs
    countedMs += left
    for (const piece of expected) {
      const taken = Math.min(left, piece.estimateMs)
      piece.estimateMs -= taken
      left -= taken
      if (left === 0) break
    }
  }

  return {
    gave(estimateMs) {
      count()
      const begunMs = Math.max(now(), expected.at(-1)?.byMs ?? 0)
      expected.push({ estimateMs, byMs: begunMs + estimateMs / expectedRate })
    },
    settled() {
      countedMs = spokenMs()
      expected = []
    },
    aheadMs(outstandingMs) {
      count()
      const nowMs = now()
      expected = expected.filter((piece) => piece.estimateMs > 0 && nowMs <= piece.byMs + graceMs)
      return expected.reduce((sum, piece) => sum + piece.estimateMs, outstandingMs)
    },
  }
}
