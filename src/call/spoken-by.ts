import type { BridgeError } from '../errors.ts'
import { outcomeError, type SpokenBy } from './outcome.ts'

/** Who spoke in a call. `sentMs`: milliseconds of sound handed to Twilio so far, by whomever. */
export interface Voices {
  /** Another provider goes on; undefined: none is left. */
  changed(to: string | undefined, error: BridgeError, sentMs: number): void
  /** In the order in which they spoke, or should have. */
  list(sentMs: number): readonly SpokenBy[]
}

export function createVoices(first: string): Voices {
  return new SpokenInTurn(first)
}

class SpokenInTurn implements Voices {
  #before: readonly SpokenBy[] | undefined
  #present: string | undefined
  #sinceMs = 0

  constructor(first: string) {
    this.#present = first
  }

  changed(to: string | undefined, error: BridgeError, sentMs: number): void {
    this.#before = this.#all(sentMs, error)
    this.#sinceMs = sentMs
    this.#present = to
  }

  list(sentMs: number): readonly SpokenBy[] {
    return this.#all(sentMs, undefined)
  }

  #all(sentMs: number, error: BridgeError | undefined): readonly SpokenBy[] {
    const before = this.#before ?? []
    if (this.#present === undefined) return before
    return [...before, { provider: this.#present, sentMs: sentMs - this.#sinceMs, error: outcomeError(error) }]
  }
}
