import { createHash } from 'node:crypto'

/** Who is who in a benchmark. None of it is worth anything anywhere else. */
export const account = {
  sid: sid('AC', 'account'),
  authToken: 'token-of-the-benchmark',
  number: '+15550100000',
} as const

/** Twilio's identifiers: two letters, 32 hexadecimal digits. */
export function sid(kind: 'AC' | 'CA' | 'MZ', of: string): string {
  return kind + createHash('md5').update(`${kind}${of}`).digest('hex')
}

export function callerNumber(index: number): string {
  return `+1555${String(1_000_000 + index)}`
}
