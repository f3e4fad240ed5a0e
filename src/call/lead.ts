import type { Clock } from '../ops/clock.ts'

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

/** @param line tells all sound that came from the service so far: asked for, since it comes far more often than this is */
export function createLead(clock: Pick<Clock, 'now'>, line: { spokenMs(): number }): Lead {
  return new SpeechLead(clock, line)
}

class SpeechLead implements Lead {
  readonly #clock: Pick<Clock, 'now'>
  readonly #line: { spokenMs(): number }
  /**
   * What is still to be made of each text, and by when, oldest first: two numbers each, side by side. They are gone through
   * with each mark that comes back.
   */
  #expected: number[] = []
  /** So much of it is taken off what was expected. */
  #countedMs = 0

  constructor(clock: Pick<Clock, 'now'>, line: { spokenMs(): number }) {
    this.#clock = clock
    this.#line = line
  }

  gave(estimateMs: number): void {
    this.#count()
    const begunMs = Math.max(this.#clock.now(), this.#expected.at(-1) ?? 0)
    this.#expected.push(estimateMs, begunMs + estimateMs / expectedRate)
  }

  settled(): void {
    this.#countedMs = this.#line.spokenMs()
    if (this.#expected.length > 0) this.#expected = []
  }

  aheadMs(outstandingMs: number): number {
    this.#count()
    const expected = this.#expected
    const nowMs = this.#clock.now()
    let aheadMs = outstandingMs
    let kept = 0
    for (let at = 0; at < expected.length; at += 2) {
      const leftMs = expected[at] ?? 0
      const byMs = expected[at + 1] ?? 0
      if (leftMs <= 0 || nowMs > byMs + graceMs) continue
      aheadMs += leftMs
      expected[kept++] = leftMs
      expected[kept++] = byMs
    }
    expected.length = kept
    return aheadMs
  }

  #count(): void {
    const expected = this.#expected
    let left = this.#line.spokenMs() - this.#countedMs
    this.#countedMs += left
    for (let at = 0; at < expected.length && left !== 0; at += 2) {
      const estimateMs = expected[at] ?? 0
      const taken = Math.min(left, estimateMs)
      expected[at] = estimateMs - taken
      left -= taken
    }
  }
}
