import type { CallOptions, Instructions } from '../call.ts'
import { type ProgressEvent, progressEvents, type ProgressOptions } from '../progress-events.ts'
import { accepted, type Checked, type Form, methodField, numberField, refused, urlField } from './form.ts'

const twimlLimit = 4000
const daySeconds = 86_400
const defaultTimeLimitMs = 14_400_000

/** Url or Twiml. If both are given Url counts, and `ignoredTwiml` says so (32019). */
export function checkInstructions(
  form: Form,
): Checked<{ instructions: Instructions | undefined; ignoredTwiml: boolean }> {
  const twiml = form.one('Twiml')
  const url = urlField(form, 'Url', 21_205)
  if (!url.ok) return url
  const method = methodField(form, 'Method')
  if (!method.ok) return method
  if (url.value !== undefined) {
    const instructions = { kind: 'url', url: url.value, method: method.value } as const
    return accepted({ instructions, ignoredTwiml: twiml !== undefined })
  }
  if (twiml === undefined) return accepted({ instructions: undefined, ignoredTwiml: false })
  if (twiml.length > twimlLimit)
    return refused(32_018, `Twiml must not be longer than ${twimlLimit} characters, got ${twiml.length}`)
  return accepted({ instructions: { kind: 'inline', twiml }, ignoredTwiml: false })
}

export function checkProgress(form: Form): Checked<ProgressOptions | undefined> {
  const url = urlField(form, 'StatusCallback', 21_609)
  if (!url.ok) return url
  const method = methodField(form, 'StatusCallbackMethod')
  if (!method.ok) return method
  const events = new Set<ProgressEvent>()
  for (const name of form.all('StatusCallbackEvent').flatMap((value) => value.split(/[\s,]+/))) {
    const event = progressEvents.find((known) => known === name)
    if (!event) return refused(21_626, `Invalid StatusCallbackEvent: ${name}`)
    events.add(event)
  }
  if (events.size === 0) events.add('completed')
  return accepted(url.value === undefined ? undefined : { url: url.value, method: method.value, events })
}

export function checkFallback(form: Form): Checked<CallOptions['fallback']> {
  const url = urlField(form, 'FallbackUrl', 21_205)
  if (!url.ok) return url
  const method = methodField(form, 'FallbackMethod')
  if (!method.ok) return method
  return accepted(url.value === undefined ? undefined : { url: url.value, method: method.value })
}

/** Times and digits of a new call. */
export function checkLimits(form: Form): Checked<Pick<CallOptions, 'timeoutMs' | 'timeLimitMs' | 'sendDigits'>> {
  const timeout = numberField(form, 'Timeout', { code: 21_208, fallback: 60, least: 1, most: 600 })
  if (!timeout.ok) return timeout
  const limit = checkTimeLimit(form)
  if (!limit.ok) return limit
  const sendDigits = form.one('SendDigits')
  if (sendDigits !== undefined && !/^[0-9A-D#*wW]{1,32}$/.test(sendDigits))
    return refused(21_206, 'SendDigits takes up to 32 of 0-9, A-D, #, *, w and W')
  return accepted({
    timeoutMs: timeout.value * 1000,
    timeLimitMs: limit.value ?? defaultTimeLimitMs,
    sendDigits,
  })
}

/** `TimeLimit` in milliseconds, undefined when it is not given. Twilio names no code for a bad one; 21208 is ours. */
export function checkTimeLimit(form: Form): Checked<number | undefined> {
  if (form.one('TimeLimit') === undefined) return accepted(undefined)
  const limit = numberField(form, 'TimeLimit', { code: 21_208, fallback: 0, least: 1, most: daySeconds })
  return limit.ok ? accepted(limit.value * 1000) : limit
}
