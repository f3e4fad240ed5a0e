import { type Call, type CallStatus, isTerminal, setStatus } from './call.ts'
import type { Exchange } from './exchange.ts'

const sipCodes: Partial<Record<CallStatus, number>> = {
  completed: 200,
  busy: 486,
  'no-answer': 487,
  canceled: 487,
  failed: 404,
}

/**
 * Ends a call, once: the first cause wins. Running TwiML stops, streams are stopped, the phone is told, and the
 * terminal status is reported.
 */
export function endCall(exchange: Exchange, call: Call, status: CallStatus, by: 'network' | 'phone' = 'network'): void {
  if (isTerminal(call.status)) return
  const nowMs = exchange.clock.now()
  const dialled = call.dialledAtMs !== undefined
  call.endedAtMs = nowMs
  call.sipResponseCode = sipCodes[status]
  setStatus(call, status, nowMs)
  call.execution.abort()
  call.life.abort()
  if (call.phone) call.phone.set.disconnect(call.phone.leg, by === 'network' ? by : undefined)
  else if (call.direction !== 'inbound') exchange.phoneAt(call.to)?.missed()
  // A call that is cancelled while it is queued sends no status callback at all (Twilio docs, Call resource).
  if (dialled) call.progress?.report('completed')
}
