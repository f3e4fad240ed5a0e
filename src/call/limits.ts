import { BridgeError } from '../errors.ts'
import type { Clock, Timer } from '../ops/clock.ts'
import type { CallEvent } from './events.ts'
import type { LiveCall } from './live-call.ts'

/** An answered call whose media stream has not come by then never gets one. */
export const streamDueMs = 15_000
/** Sorry is said within this time, or not at all. */
export const apologyMs = 15_000

/** How long a call may go on, in milliseconds. */
export interface CallLimits {
  /** From the answer on. */
  readonly maxCallMs: number
  /** How long nothing may be heard, said or pressed while the media stream is open. */
  readonly idleMs: number
}

/** Signs of life. A flow that waits for a key, or for anything else, is idle while it waits. */
const signs: ReadonlySet<CallEvent['type']> = new Set([
  'streaming',
  'first-audio',
  'progress',
  'heard',
  'interrupted',
  'key',
  'recording',
  'speech',
])

/** Ends a call that goes on for too long, or in which nothing happens any more. */
export function limitCall(
  call: Pick<LiveCall, 'watch' | 'end' | 'signal'>,
  { maxCallMs, idleMs }: CallLimits,
  clock: Clock,
): void {
  let lengthTimer: Timer | undefined
  let idleTimer: Timer | undefined
  let lastSignMs = 0

  function lookIdle(): void {
    const leftMs = lastSignMs + idleMs - clock.now()
    if (leftMs > 0) idleTimer = clock.after(leftMs, lookIdle)
    else call.end('idle', idle(idleMs))
  }

  const unwatch = call.watch((event) => {
    const { type, atMs } = event
    // Of what Twilio does itself nothing is heard of until it is done, and it is given its time elsewhere.
    if (type === 'transferring' || (type === 'failover' && event.to === 'twilio')) {
      idleTimer?.cancel()
      return
    }
    if (type === 'answered') lengthTimer ??= clock.after(maxCallMs, () => call.end('time-limit', tooLong(maxCallMs)))
    if (!signs.has(type)) return
    lastSignMs = atMs
    // One timer that looks again, rather than a new one for each of thousands of marks.
    idleTimer ??= clock.after(idleMs, lookIdle)
  })
  call.signal.addEventListener(
    'abort',
    () => {
      unwatch()
      lengthTimer?.cancel()
      idleTimer?.cancel()
    },
    { once: true },
  )
}

function tooLong(limitMs: number): BridgeError {
  return new BridgeError('call.too-long', `The call lasted longer than MAX_CALL_MS, ${limitMs} ms.`, {
    details: { limitMs },
  })
}

function idle(limitMs: number): BridgeError {
  return new BridgeError('call.idle', `Nothing was heard, said or pressed for IDLE_TIMEOUT_MS, ${limitMs} ms.`, {
    details: { limitMs },
  })
}
