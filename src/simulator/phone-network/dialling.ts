import { detect } from './answering-machine.ts'
import { type Call, isTerminal, note, setStatus } from './call.ts'
import { endCall } from './ending.ts'
import type { Exchange } from './exchange.ts'
import { execute } from './execution.ts'
import type { Leg } from './phone/leg.ts'
import { ring } from './phone/ringing.ts'
import { answererOf } from './phone/script.ts'
import { limitDuration } from './time-limit.ts'
import { wait } from '../waiting.ts'
import { sendWebhook } from './webhook.ts'

/** Dials an outbound call that has left the queue, lets it ring, and once answered runs its TwiML. */
export async function dialOut(exchange: Exchange, call: Call): Promise<void> {
  const { behaviour, clock } = exchange
  const { signal } = call.life
  if (isTerminal(call.status)) return
  call.dialledAtMs = clock.now()
  call.statusHistory.push({ status: 'initiated', atMs: clock.now() })
  note(call, clock.now(), 'initiated')
  call.progress?.report('initiated')
  if (!(await wait(clock, behaviour.postDialDelayMs, signal))) return
  const set = exchange.phoneAt(call.to)
  if (set?.script.answer === 'failed' || (!set && behaviour.unregisteredNumbers === 'unreachable'))
    return endCall(exchange, call, 'failed')
  if (set && (set.engaged || set.script.answer === 'busy')) return endCall(exchange, call, 'busy')
  const leg = set?.connect()
  if (set && leg) call.phone = { set, leg }
  setStatus(call, 'ringing', clock.now())
  call.progress?.report('ringing')
  if (!set || !leg) {
    if (await wait(clock, call.options.timeoutMs, signal)) endCall(exchange, call, 'no-answer')
    return
  }
  const outcome = await ring(clock, set, leg, call.options.timeoutMs, signal)
  if (outcome === 'declined') return endCall(exchange, call, 'busy', 'phone')
  if (outcome === 'timeout') return endCall(exchange, call, 'no-answer')
  if (outcome === 'cancelled') return
  answered(exchange, call, leg)
  const { instructions, sendDigits } = call.options
  if (sendDigits !== undefined) leg.happened({ type: 'tones', digits: sendDigits })
  await detectMachine(exchange, call)
  if (!isTerminal(call.status) && instructions) await execute(exchange, call, leg, instructions)
}

/** From here on the call is in progress, for a limited time, until the phone hangs up. */
export function answered(exchange: Exchange, call: Call, leg: Leg): void {
  const { clock } = exchange
  call.answeredAtMs = clock.now()
  setStatus(call, 'in-progress', clock.now())
  call.progress?.report('answered')
  leg.hungUp.add(() => endCall(exchange, call, 'completed', 'phone'))
  limitDuration(exchange, call)
  leg.answer()
}

/** Answering machine detection: awaited before the TwiML, or told in a callback of its own. */
async function detectMachine(exchange: Exchange, call: Call): Promise<void> {
  const { behaviour, clock, faults } = exchange
  const { asyncDetection, detection, sendDigits } = call.options
  if (!detection || sendDigits !== undefined || !call.phone) return
  const heard = detect(detection, answererOf(call.phone.set.script), behaviour.amdDelayMs)
  const verdict = behaviour.amdVerdict === 'by-phone' ? heard.verdict : behaviour.amdVerdict
  const judged = wait(clock, heard.afterMs, call.life.signal).then((elapsed) => {
    if (elapsed) call.answeredBy = verdict
    return elapsed
  })
  if (!asyncDetection) return void (await judged)
  if (asyncDetection.url === undefined) {
    faults.add(21_262, 'AsyncAmd without AsyncAmdStatusCallback: the verdict stands in the call resource only', {
      callSid: call.sid,
    })
    return
  }
  const { method, url } = asyncDetection
  void judged.then(async (elapsed) => {
    if (!elapsed) return
    const parameters = new Map([
      ['CallSid', call.sid],
      ['AccountSid', call.accountSid],
      ['AnsweredBy', verdict],
      ['MachineDetectionDuration', String(Math.round(heard.afterMs))],
    ])
    await sendWebhook(exchange, call, { kind: 'amd', url, method, parameters })
  })
}
