import { createCall as newCall, isTerminal } from '../call.ts'
import type { Exchange } from '../exchange.ts'
import { createProgress } from '../progress.ts'
import type { DialQueue } from '../queue.ts'
import { checkNumbers } from './call-numbers.ts'
import { checkDetection } from './call-detection.ts'
import { checkFallback, checkInstructions, checkLimits, checkProgress } from './call-options.ts'
import { callResource } from './call-resource.ts'
import { type RestReply, restError } from './error.ts'
import type { Form } from './form.ts'

/** `POST /Calls.json`: every accepted request dials; there is no idempotency. */
export function createCall(exchange: Exchange, queue: DialQueue, form: Form): RestReply {
  const { account, behaviour, calls, clock, faults } = exchange
  const numbers = checkNumbers(exchange, form)
  if (!numbers.ok) return numbers.reply
  const source = checkInstructions(form)
  if (!source.ok) return source.reply
  if (!source.value.instructions)
    return form.one('ApplicationSid') === undefined
      ? restError(400, 21_205, 'Url parameter is required.')
      : restError(400, 21_218, 'Invalid ApplicationSid')
  const progress = checkProgress(form)
  if (!progress.ok) return progress.reply
  const fallback = checkFallback(form)
  if (!fallback.ok) return fallback.reply
  const limits = checkLimits(form)
  if (!limits.ok) return limits.reply
  const detection = checkDetection(form)
  if (!detection.ok) return detection.reply
  if (calls.filter((call) => !isTerminal(call.status)).length >= behaviour.concurrentCalls)
    return restError(400, 10_004, 'Call concurrency limit exceeded')
  if (queue.waitMs() > behaviour.queueLimitMs) return restError(400, 22_005, 'Call queue is full')

  const call = newCall(
    {
      accountSid: account.sid,
      ...numbers.value,
      direction: 'outbound-api',
      status: 'queued',
      options: {
        ...limits.value,
        ...detection.value,
        instructions: source.value.instructions,
        fallback: fallback.value,
      },
    },
    clock.now(),
  )
  if (progress.value) call.progress = createProgress(exchange, call, progress.value)
  if (source.value.ignoredTwiml)
    faults.add(32_019, 'Url and Twiml were both given; Twiml is ignored', { callSid: call.sid })
  calls.push(call)
  exchange.phoneAt(call.to)?.expect()
  const reply = { status: 201, body: callResource(call) }
  queue.add(call)
  return reply
}
