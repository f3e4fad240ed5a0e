import type { Outcome } from '../call/outcome.ts'
import type { BridgeError, ErrorCode } from '../errors.ts'

/**
 * What became of trying somebody. `not-acknowledged`: answered, and no acknowledging key; `refused`: nobody was dialled,
 * by our rules or Twilio's; `failed`: it broke off, or nobody knows; `cancelled`: we hung up.
 */
export type Became =
  | 'acknowledged'
  | 'not-acknowledged'
  | 'voicemail'
  | 'busy'
  | 'no-answer'
  | 'refused'
  | 'failed'
  | 'cancelled'

/** One try to reach somebody. */
export interface Try {
  /** Null: no call came about. */
  readonly callId: string | null
  /** Null while the call goes on. */
  readonly became: Became | null
  /** Why it was refused or failed. */
  readonly error: { readonly code: ErrorCode; readonly message: string } | null
}

/** Somebody on the list, and what was tried so far. */
export interface Person {
  /** E.164, or what was given where that is no number. Private. */
  readonly to: string
  readonly tries: readonly Try[]
}

/** The flow says `confirmed` as soon as the key was pressed: who hangs up on the thanks has acknowledged all the same. */
export function becameOf({ answer, status, reason }: Pick<Outcome, 'answer' | 'status' | 'reason'>): Became {
  if (answer === 'confirmed') return 'acknowledged'
  if (status === 'voicemail' || status === 'busy' || status === 'no-answer') return status
  if (reason === 'refused') return 'refused'
  if (reason === 'cancelled' || reason === 'server-stopped') return 'cancelled'
  return answered.has(reason) ? 'not-acknowledged' : 'failed'
}

/** How calls end in which somebody was reached, and did not acknowledge. */
const answered: ReadonlySet<Outcome['reason']> = new Set([
  'completed',
  'callee-hung-up',
  'transferred',
  'transfer-failed',
  'said-by-twilio',
  'time-limit',
  'idle',
])

/**
 * Whose turn it is: the first in the list of those who were tried least. Nobody is tried more often than there are
 * rounds, nor again where the number itself is refused.
 *
 * @returns a place in the list; undefined: the list is through
 */
export function nextInList(people: readonly Person[], rounds: number): number | undefined {
  const left = people.flatMap(({ tries }, place) =>
    tries.length >= rounds || tries.some(isHopeless) ? [] : [{ place, times: tries.length }],
  )
  const least = Math.min(...left.map(({ times }) => times))
  return left.find(({ times }) => times === least)?.place
}

function isHopeless({ became, error }: Try): boolean {
  return became === 'refused' && error !== null && /^(number|destination)\./.test(error.code)
}

/** Somebody who waits for an alert is better called a minute late than not at all, and not an hour late. */
const longestWaitMs = 60_000
const mostWaitedMs = 120_000

/**
 * What to do where a call may not be placed now: wait so many milliseconds and try again, go on with the next one, or
 * stop altogether.
 *
 * @param waitedMs how long this one was waited for already
 */
export function afterRefusal(
  { code, retryable, details: { retryAfterMs } }: Pick<BridgeError, 'code' | 'retryable' | 'details'>,
  waitedMs: number,
): { readonly waitMs: number } | 'next' | 'stop' {
  if (code === 'server.draining') return 'stop'
  if (!retryable || typeof retryAfterMs !== 'number' || retryAfterMs > longestWaitMs) return 'next'
  return waitedMs + retryAfterMs > mostWaitedMs ? 'next' : { waitMs: retryAfterMs }
}
