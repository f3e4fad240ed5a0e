import { createHmac, timingSafeEqual } from 'node:crypto'

/** The header of an upgrade that is meant to be refused: we try our own door. */
export const trialHeader = 'x-callbridge-trial'
/** A mark that somebody saw is of no use for longer. */
const validMs = 60_000

/**
 * The mark of a request by which who has the auth token tries whether strangers are let in. It opens nothing: the
 * refusal is only not counted as one of a stranger.
 */
export function signTrial(authToken: string, nowMs: number): string {
  const atMs = Math.round(nowMs)
  return `${atMs}.${markOf(authToken, atMs)}`
}

/** Whether a mark was made with one of the tokens, within the last minute. Never throws. */
export function isSignedTrial(authTokens: readonly string[], mark: unknown, nowMs: number): boolean {
  const [, at, given = ''] = (typeof mark === 'string' && /^(\d{1,15})\.([0-9a-f]{64})$/.exec(mark)) || []
  const atMs = Number(at)
  if (!(Math.abs(nowMs - atMs) <= validMs)) return false
  const bytes = Buffer.from(given, 'hex')
  return authTokens.some((token) => token !== '' && timingSafeEqual(bytes, Buffer.from(markOf(token, atMs), 'hex')))
}

function markOf(authToken: string, atMs: number): string {
  return createHmac('sha256', authToken).update(`callbridge trial ${atMs}`).digest('hex')
}
