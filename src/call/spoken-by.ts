import type { BridgeError } from '../errors.ts'
import { outcomeError, type SpokenBy } from './outcome.ts'

export interface Voices {
  /** Another provider goes on; undefined: none is left. */
  changed(to: string | undefined, error: BridgeError): void
  /** In the order in which they spoke, or should have. */
  list(): readonly SpokenBy[]
}

/** @param sentMs milliseconds of sound handed to Twilio so far, by whomever */
export function createVoices(first: string, sentMs: () => number): Voices {
  const before: SpokenBy[] = []
  let present: string | undefined = first
  let sinceMs = 0
  return {
    changed(to, error) {
      if (present !== undefined)
        before.push({ provider: present, sentMs: sentMs() - sinceMs, error: outcomeError(error) })
      sinceMs = sentMs()
      present = to
    },
    list() {
      return present === undefined
        ? before
        : [...before, { provider: present, sentMs: sentMs() - sinceMs, error: null }]
    },
  }
}
