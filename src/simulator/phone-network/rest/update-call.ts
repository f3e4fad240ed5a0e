import { type Call, isTerminal, note } from '../call.ts'
import { endCall } from '../ending.ts'
import type { Exchange } from '../exchange.ts'
import { execute } from '../execution.ts'
import { createProgress } from '../progress.ts'
import { limitDuration } from '../time-limit.ts'
import { checkFallback, checkInstructions, checkProgress, checkTimeLimit } from './call-options.ts'
import { callResource } from './call-resource.ts'
import { type RestReply, restError } from './error.ts'
import type { Form } from './form.ts'

const notInProgress = (): RestReply => restError(400, 21_220, 'Call is not in-progress. Cannot redirect.')

/**
 * `POST /Calls/{sid}.json`: ends a call, or replaces its TwiML, which closes a running stream. `canceled` has no
 * effect on a call in progress; one that is over is refused with 21220.
 */
export function updateCall(exchange: Exchange, call: Call, form: Form): RestReply {
  const { clock, faults } = exchange
  if (isTerminal(call.status)) return notInProgress()
  const source = checkInstructions(form)
  if (!source.ok) return source.reply
  const progress = checkProgress(form)
  if (!progress.ok) return progress.reply
  const fallback = checkFallback(form)
  if (!fallback.ok) return fallback.reply
  const limit = checkTimeLimit(form)
  if (!limit.ok) return limit.reply
  const status = form.one('Status')
  if (status !== undefined && status !== 'canceled' && status !== 'completed')
    return restError(400, 20_001, `Status must be canceled or completed, got ${status}`)
  const { ignoredTwiml, instructions } = source.value
  if (instructions && call.status !== 'in-progress') return notInProgress()

  if (progress.value) call.progress = createProgress(exchange, call, progress.value)
  if (fallback.value) call.options = { ...call.options, fallback: fallback.value }
  if (limit.value !== undefined) {
    call.options = { ...call.options, timeLimitMs: limit.value }
    limitDuration(exchange, call)
  }
  if (ignoredTwiml) faults.add(32_019, 'Url and Twiml were both given; Twiml is ignored', { callSid: call.sid })
  if (status === 'completed') endCall(exchange, call, call.status === 'in-progress' ? 'completed' : 'canceled')
  else if (status === 'canceled' && call.status !== 'in-progress') endCall(exchange, call, 'canceled')
  else if (instructions && call.phone) {
    note(call, clock.now(), 'TwiML replaced')
    call.execution.abort()
    call.execution = new AbortController()
    void execute(exchange, call, call.phone.leg, instructions)
  }
  call.updatedAtMs = clock.now()
  return { status: 200, body: callResource(call) }
}
