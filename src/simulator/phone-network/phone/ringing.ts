import type { Clock } from '../../clock.ts'
import { later } from '../../waiting.ts'
import type { Leg } from './leg.ts'
import type { PhoneSet } from './phone.ts'

/** How ringing ends. `declined`: the phone hung up before it answered. `cancelled`: the network stopped it. */
export type RingingEnd = 'answered' | 'declined' | 'timeout' | 'cancelled'

/** Lets a phone ring until it answers as its script says, declines, or `timeoutMs` have passed. */
export function ring(
  clock: Clock,
  set: PhoneSet,
  leg: Leg,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<RingingEnd> {
  return new Promise((resolve) => {
    const ringing = new AbortController()
    const finish = (end: RingingEnd) => {
      ringing.abort()
      signal.removeEventListener('abort', cancel)
      removeHangUp()
      resolve(end)
    }
    const cancel = () => finish('cancelled')
    const removeHangUp = leg.hungUp.add(() => finish('declined'))
    signal.addEventListener('abort', cancel, { once: true })
    if (signal.aborted) return cancel()
    const afterMs = answerDelayMs(set)
    later(clock, afterMs, ringing.signal, () => finish('answered'))
    later(clock, timeoutMs, ringing.signal, () => finish('timeout'))
  })
}

function answerDelayMs({ script: { answer = { afterMs: 1000 } } }: PhoneSet): number {
  if (typeof answer === 'string') return Number.POSITIVE_INFINITY
  return 'voicemail' in answer ? answer.voicemail.afterMs : answer.afterMs
}
