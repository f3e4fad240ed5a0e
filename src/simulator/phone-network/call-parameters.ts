import type { Call } from './call.ts'
import { rfc2822 } from './dates.ts'

/** What a number tells about its place; most calls tell nothing but the country. */
interface Place {
  readonly country: string
  readonly state: string
  readonly city: string
  readonly zip: string
}

const countries: readonly (readonly [string, string])[] = [
  ['+1', 'US'],
  ['+33', 'FR'],
  ['+44', 'GB'],
  ['+49', 'DE'],
  ['+61', 'AU'],
  ['+81', 'JP'],
  ['+91', 'IN'],
]

function placeOf(number: string): Place {
  const country = countries.find(([prefix]) => number.startsWith(prefix))?.[1] ?? ''
  // Empty values are sent, and signed, like others.
  if (country === 'US') return { country, state: 'CA', city: 'SAN FRANCISCO', zip: '' }
  return { country, state: '', city: '', zip: '' }
}

function addPlace(parameters: Map<string, string>, role: string, place: Place): void {
  parameters.set(`${role}City`, place.city)
  parameters.set(`${role}Country`, place.country)
  parameters.set(`${role}State`, place.state)
  parameters.set(`${role}Zip`, place.zip)
}

/** Parameters of every voice request: 25 for an outbound call, 27 for an inbound one (live captures). */
export function voiceParameters(call: Call): Map<string, string> {
  const parameters = new Map<string, string>([
    ['AccountSid', call.accountSid],
    ['ApiVersion', '2010-04-01'],
    ['CallSid', call.sid],
    ['CallStatus', call.status],
    ['Called', call.to],
    ['Caller', call.from],
    ['Direction', call.direction],
    ['From', call.from],
    ['To', call.to],
  ])
  for (const role of ['Called', 'To']) addPlace(parameters, role, placeOf(call.to))
  for (const role of ['Caller', 'From']) addPlace(parameters, role, placeOf(call.from))
  if (call.direction === 'inbound') {
    const token = Buffer.from(JSON.stringify({ from: call.from, to: call.to })).toString('base64url')
    parameters.set('CallToken', `eyJhbGciOiJub25lIn0.${token}.`)
    parameters.set('StirVerstat', 'TN-Validation-Passed-A')
  }
  return parameters
}

export interface StatusDetails {
  /** `initiated` and `ringing` too, and `in-progress` for the event `answered`. */
  readonly callStatus: string
  readonly sequenceNumber: number
  readonly atMs: number
  readonly stirStatus: string
}

/** Parameters of a status callback (Twilio docs, Call resource). */
export function statusParameters(call: Call, details: StatusDetails): Map<string, string> {
  const parameters = voiceParameters(call)
  parameters.delete('CallToken')
  parameters.delete('StirVerstat')
  parameters.set('CallStatus', details.callStatus)
  parameters.set('Timestamp', rfc2822(details.atMs))
  parameters.set('CallbackSource', 'call-progress-events')
  parameters.set('SequenceNumber', String(details.sequenceNumber))
  if (details.callStatus === 'ringing' || details.callStatus === 'in-progress')
    parameters.set('StirStatus', details.stirStatus)
  if (call.endedAtMs === undefined || details.callStatus !== call.status) return parameters
  const seconds = callSeconds(call)
  parameters.set('CallDuration', String(seconds))
  if (call.status === 'completed') parameters.set('Duration', String(Math.ceil(seconds / 60)))
  if (call.sipResponseCode !== undefined) parameters.set('SipResponseCode', String(call.sipResponseCode))
  if (call.answeredBy) parameters.set('AnsweredBy', call.answeredBy)
  return parameters
}

/** Seconds from answer to end; 0 for a call that was never answered. */
export function callSeconds(call: Call): number {
  if (call.answeredAtMs === undefined || call.endedAtMs === undefined) return 0
  return Math.ceil((call.endedAtMs - call.answeredAtMs) / 1000)
}
