/**
 * Twilio's identifiers: two letters for the kind, then 32 hexadecimal digits. Checked wherever one comes in from
 * outside, so that it can stand in JSON, in a URL or in a log line without being escaped.
 */

const hex32 = '[0-9a-fA-F]{32}'
const account = new RegExp(`^AC${hex32}$`)
const call = new RegExp(`^CA${hex32}$`)
const stream = new RegExp(`^MZ${hex32}$`)

export function isAccountSid(value: unknown): value is string {
  return typeof value === 'string' && account.test(value)
}

export function isCallSid(value: unknown): value is string {
  return typeof value === 'string' && call.test(value)
}

export function isStreamSid(value: unknown): value is string {
  return typeof value === 'string' && stream.test(value)
}
