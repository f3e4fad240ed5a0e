import { randomBytes } from 'node:crypto'

/** A Twilio identifier: two letters for the kind and 32 hex digits. */
export function newSid(kind: 'AC' | 'CA' | 'MZ' | 'RE' | 'SK' | 'PN'): string {
  return kind + randomBytes(16).toString('hex')
}

export function newSecret(): string {
  return randomBytes(16).toString('hex')
}
