import { randomFillSync } from 'node:crypto'

const keys = new Int32Array(1024)
let next = keys.length

/** 32 bits that nobody can tell beforehand (RFC 6455, 5.3); to ask the system for each would take longer than the rest. */
export function maskKey(): number {
  if (next === keys.length) {
    randomFillSync(keys)
    next = 0
  }
  return keys[next++] ?? 0
}
