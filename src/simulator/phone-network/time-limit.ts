import { later } from '../waiting.ts'
import type { Call } from './call.ts'
import { endCall } from './ending.ts'
import type { Exchange } from './exchange.ts'

const trialCallMs = 600_000

/**
 * Ends an answered call when its `TimeLimit` is over, counted from the answer; on a trial account after ten minutes.
 * Called again, the new limit counts.
 */
export function limitDuration(exchange: Exchange, call: Call): void {
  const { behaviour, clock, faults } = exchange
  if (call.answeredAtMs === undefined) return
  call.durationTimer?.cancel()
  const { timeLimitMs } = call.options
  const trial = behaviour.trial && trialCallMs < timeLimitMs
  const endsAtMs = call.answeredAtMs + (trial ? trialCallMs : timeLimitMs)
  call.durationTimer = later(clock, endsAtMs - clock.now(), call.life.signal, () => {
    faults.add(trial ? 13_805 : 32_015, 'the call reached its longest duration', { callSid: call.sid })
    endCall(exchange, call, 'completed')
  })
}
