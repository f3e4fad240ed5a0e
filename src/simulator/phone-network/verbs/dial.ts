import { type Call, createCall, note, setStatus } from '../call.ts'
import { callSeconds } from '../call-parameters.ts'
import { endCall } from '../ending.ts'
import { ring } from '../phone/ringing.ts'
import { later } from '../../waiting.ts'
import type { Dial } from '../twiml/verbs.ts'
import { refusedByDial } from './dial-numbers.ts'
import { goTo, type Next, nextVerb, type Running } from './running.ts'

type DialStatus = 'completed' | 'busy' | 'no-answer' | 'failed' | 'canceled'

/**
 * `<Dial>` to numbers at which phones are registered: they ring at once, the first to answer is connected until one
 * side hangs up, then the action is asked with `DialCallStatus`. Sound is not carried between the two.
 */
export async function runDial(running: Running, dial: Dial): Promise<Next> {
  const { call, exchange, signal } = running
  note(call, exchange.clock.now(), 'Dial')
  const settled = new AbortController()
  const attempts = dial.numbers.map((number) => attempt(running, dial, number, settled))
  const results = await Promise.all(attempts)
  if (signal.aborted) return nextVerb
  const answered = results.find((result) => result.status === 'completed')
  const result = answered ?? results[0] ?? { status: 'failed' as const, leg: undefined }
  if (dial.action === undefined) return nextVerb
  const parameters = new Map<string, string>([['DialCallStatus', result.status]])
  if (result.leg) {
    parameters.set('DialCallSid', result.leg.sid)
    if (answered) parameters.set('DialCallDuration', String(callSeconds(result.leg)))
    parameters.set('DialBridged', String(answered !== undefined))
  }
  return goTo(running, dial.action, dial.method, parameters)
}

async function attempt(
  running: Running,
  dial: Dial,
  number: string,
  settled: AbortController,
): Promise<{ status: DialStatus; leg: Call | undefined }> {
  const { call, exchange, signal } = running
  const { clock } = exchange
  const options = { ...call.options, instructions: undefined, fallback: undefined, sendDigits: undefined }
  const leg = createCall(
    {
      accountSid: call.accountSid,
      to: number,
      from: dial.callerId ?? call.from,
      direction: 'outbound-dial',
      status: 'queued',
      parentCallSid: call.sid,
      options,
    },
    clock.now(),
  )
  exchange.calls.push(leg)
  leg.dialledAtMs = clock.now()
  const end = (status: DialStatus) => {
    endCall(exchange, leg, status)
    return { status, leg }
  }
  const refused = refusedByDial(exchange.behaviour, number)
  if (refused) {
    exchange.faults.add(refused.code, refused.message, { callSid: call.sid })
    return end('failed')
  }
  const set = exchange.phoneAt(number)
  set?.expect()
  if (!set || set.script.answer === 'failed')
    return end(set || exchange.behaviour.unregisteredNumbers === 'unreachable' ? 'failed' : 'no-answer')
  if (set.engaged || set.script.answer === 'busy') return end('busy')
  const phone = set.connect()
  leg.phone = { set, leg: phone }
  setStatus(leg, 'ringing', clock.now())
  const stop = AbortSignal.any([signal, settled.signal])
  const outcome = await ring(clock, set, phone, dial.timeoutMs, stop)
  if (outcome === 'declined') return end('busy')
  if (outcome === 'timeout') return end('no-answer')
  if (outcome === 'cancelled') return end('canceled')
  settled.abort()
  leg.answeredAtMs = clock.now()
  setStatus(leg, 'in-progress', clock.now())
  phone.answer()
  await connected(running, dial, leg)
  return end('completed')
}

/** Resolves when one side hangs up, the time is over, or the TwiML was replaced. */
function connected({ exchange, leg: caller, signal }: Running, dial: Dial, callee: Call): Promise<void> {
  return new Promise((resolve) => {
    const over = new AbortController()
    const finish = () => {
      over.abort()
      signal.removeEventListener('abort', finish)
      for (const remove of removals) remove()
      resolve()
    }
    const removals = [
      callee.phone?.leg.hungUp.add(finish) ?? (() => {}),
      caller.digits.add((digit) => {
        if (dial.hangupOnStar && digit === '*') finish()
      }),
    ]
    signal.addEventListener('abort', finish, { once: true })
    later(exchange.clock, dial.timeLimitMs, over.signal, finish)
    if (signal.aborted) finish()
  })
}
