import { randomBytes } from 'node:crypto'

/** A Twilio identifier: two letters for the kind and 32 hex digits. */
export function newSid(kind: 'AC' | 'CA' | 'MZ' | 'RE' | 'SK' | 'PN'): string {
  return kind + randomBytes(16).toString('hex')
}

export function newSecret(): string {
  return randomBytes(16).toString('hex')
}

/** A sequence of numbers from 0 to 1 that is the same in every run (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
