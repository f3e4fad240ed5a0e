import { BridgeError, type ErrorCode } from '../errors.ts'

/** How many calls may be placed. Pure: the caller says what time it is and how many calls are under way. */
export interface Allowance {
  /** Why a call to this number may not be placed now, with `retryAfterMs` among its details; undefined when it may. */
  refusal(to: string, facts: { readonly nowMs: number; readonly underWay: number }): BridgeError | undefined
  /** A call is placed. */
  placed(to: string, nowMs: number): void
}

export interface AllowanceLimits {
  readonly maxCalls: number
  readonly perMinute: number
  readonly perNumberPerHour: number
}

const minuteMs = 60_000
const hourMs = 3_600_000
/** Nobody knows when a call ends; a client that asks again after this long does no harm. */
const callsAtOnceRetryMs = 5_000

export function createAllowance(limits: AllowanceLimits): Allowance {
  /** When calls were placed, oldest first. */
  let lastMinute: number[] = []
  const byNumber = new Map<string, number[]>()
  let sweptMs = 0

  function sweep(nowMs: number): void {
    if (nowMs - sweptMs < minuteMs) return
    sweptMs = nowMs
    for (const [to, times] of byNumber) if (within(times, nowMs, hourMs).length === 0) byNumber.delete(to)
  }

  return {
    refusal(to, { nowMs, underWay }) {
      if (underWay >= limits.maxCalls) {
        const message = `${underWay} calls are under way; at most ${limits.maxCalls} may be (MAX_CALLS).`
        return refused('limit.calls-at-once', message, callsAtOnceRetryMs)
      }
      lastMinute = within(lastMinute, nowMs, minuteMs)
      const toNumber = within(byNumber.get(to) ?? [], nowMs, hourMs)
      // The one that is waited for longest is told, so that nobody comes back for the other.
      const numberFreeMs = freeAfter(toNumber, limits.perNumberPerHour, nowMs, hourMs)
      if (numberFreeMs > 0) {
        const message = `${toNumber.length} calls to this number were placed within an hour, as many as may be (CALLS_PER_NUMBER_PER_HOUR).`
        return refused('limit.calls-per-number', message, numberFreeMs)
      }
      const minuteFreeMs = freeAfter(lastMinute, limits.perMinute, nowMs, minuteMs)
      if (minuteFreeMs === 0) return undefined
      const message = `${lastMinute.length} calls were placed within a minute, as many as may be (CALLS_PER_MINUTE).`
      return refused('limit.calls-per-minute', message, minuteFreeMs)
    },
    placed(to, nowMs) {
      sweep(nowMs)
      lastMinute = [...within(lastMinute, nowMs, minuteMs), nowMs]
      byNumber.set(to, [...within(byNumber.get(to) ?? [], nowMs, hourMs), nowMs])
    },
  }
}

/** Times younger than `spanMs`. One in the future, of a clock that was set back, counts as now. */
function within(times: readonly number[], nowMs: number, spanMs: number): number[] {
  return times.map((ms) => Math.min(ms, nowMs)).filter((ms) => nowMs - ms < spanMs)
}

/** How long until fewer than `limit` of these are younger than `spanMs`. */
function freeAfter(times: readonly number[], limit: number, nowMs: number, spanMs: number): number {
  const freeing = times[times.length - limit]
  return freeing === undefined ? 0 : freeing + spanMs - nowMs
}

function refused(code: ErrorCode, message: string, retryAfterMs: number): BridgeError {
  const seconds = Math.ceil(retryAfterMs / 1000)
  return new BridgeError(code, `${message} Try again in ${seconds} s.`, { details: { retryAfterMs } })
}
