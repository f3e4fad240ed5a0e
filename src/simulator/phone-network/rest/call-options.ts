import type { CallOptions, Instructions } from '../call.ts'
import { type ProgressEvent, progressEvents, type ProgressOptions } from '../progress-events.ts'
import { accepted, type Checked, type Form, methodField, numberField, refused, urlField } from './form.ts'

const twimlLimit = 4000
const dayMs = 86_400_000

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

/** Times, digits and machine detection of a new call. */
export function checkLimits(
  form: Form,
): Checked<Pick<CallOptions, 'timeoutMs' | 'timeLimitMs' | 'sendDigits' | 'detection' | 'asyncDetection'>> {
  const timeout = numberField(form, 'Timeout', { code: 21_208, fallback: 60, least: 1, most: 600 })
  if (!timeout.ok) return timeout
  const limit = numberField(form, 'TimeLimit', { code: 21_208, fallback: 14_400, least: 1, most: dayMs / 1000 })
  if (!limit.ok) return limit
  const sendDigits = form.one('SendDigits')
  if (sendDigits !== undefined && !/^[0-9A-D#*wW]{1,32}$/.test(sendDigits))
    return refused(21_206, 'SendDigits takes up to 32 of 0-9, A-D, #, *, w and W')
  const mode = form.one('MachineDetection')
  if (mode !== undefined && mode !== 'Enable' && mode !== 'DetectMessageEnd')
    return refused(21_234, 'MachineDetection must be Enable or DetectMessageEnd')
  const amd = { code: 21_234, fallback: 30, least: 3, most: 59 }
  const amdTimeout = numberField(form, 'MachineDetectionTimeout', amd)
  if (!amdTimeout.ok) return amdTimeout
  const amdUrl = urlField(form, 'AsyncAmdStatusCallback', 21_234)
  if (!amdUrl.ok) return amdUrl
  const amdMethod = methodField(form, 'AsyncAmdStatusCallbackMethod')
  if (!amdMethod.ok) return amdMethod
  return accepted({
    timeoutMs: timeout.value * 1000,
    timeLimitMs: limit.value * 1000,
    sendDigits,
    detection: mode === undefined ? undefined : { mode, timeoutMs: amdTimeout.value * 1000 },
    asyncDetection: form.one('AsyncAmd') === 'true' ? { url: amdUrl.value, method: amdMethod.value } : undefined,
  })
}
