import type { CallOptions } from '../call.ts'
import { accepted, type Checked, type Form, methodField, numberField, refused, urlField } from './form.ts'

/** Milliseconds (Twilio docs, Call resource). They are checked; the emulated detection does not listen. */
const thresholds = [
  { name: 'MachineDetectionSpeechThreshold', fallback: 2400, least: 1000, most: 6000 },
  { name: 'MachineDetectionSpeechEndThreshold', fallback: 1200, least: 500, most: 5000 },
  { name: 'MachineDetectionSilenceTimeout', fallback: 5000, least: 2000, most: 10_000 },
] as const

/** Answering machine detection of a new call; any bad value is 21234. */
export function checkDetection(form: Form): Checked<Pick<CallOptions, 'detection' | 'asyncDetection'>> {
  const code = 21_234
  const mode = form.one('MachineDetection')
  if (mode !== undefined && mode !== 'Enable' && mode !== 'DetectMessageEnd')
    return refused(code, 'MachineDetection must be Enable or DetectMessageEnd')
  const timeout = numberField(form, 'MachineDetectionTimeout', { code, fallback: 30, least: 3, most: 59 })
  if (!timeout.ok) return timeout
  for (const { name, ...bounds } of thresholds) {
    const threshold = numberField(form, name, { code, ...bounds })
    if (!threshold.ok) return threshold
  }
  const asynchronous = form.one('AsyncAmd') ?? 'false'
  if (asynchronous !== 'true' && asynchronous !== 'false') return refused(code, 'AsyncAmd must be true or false')
  const url = urlField(form, 'AsyncAmdStatusCallback', code)
  if (!url.ok) return url
  const method = methodField(form, 'AsyncAmdStatusCallbackMethod')
  if (!method.ok) return method
  return accepted({
    detection: mode === undefined ? undefined : { mode, timeoutMs: timeout.value * 1000 },
    asyncDetection: asynchronous === 'true' ? { url: url.value, method: method.value } : undefined,
  })
}
