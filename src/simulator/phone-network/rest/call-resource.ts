import type { Call } from '../call.ts'
import { callSeconds } from '../call-parameters.ts'
import { rfc2822 } from '../dates.ts'

/** A call as the REST API shows it: every value a string or null (Twilio docs, Call resource). */
export function callResource(call: Call): Record<string, unknown> {
  const uri = `/2010-04-01/Accounts/${call.accountSid}/Calls/${call.sid}`
  const time = (ms: number | undefined) => (ms === undefined ? null : rfc2822(ms))
  const ended = call.endedAtMs !== undefined
  return {
    sid: call.sid,
    date_created: rfc2822(call.createdAtMs),
    date_updated: rfc2822(call.updatedAtMs),
    parent_call_sid: call.parentCallSid ?? null,
    account_sid: call.accountSid,
    to: call.to,
    to_formatted: formatted(call.to),
    from: call.from,
    from_formatted: formatted(call.from),
    phone_number_sid: null,
    status: call.status,
    start_time: time(call.dialledAtMs),
    end_time: time(call.endedAtMs),
    duration: ended ? String(callSeconds(call)) : null,
    price: null,
    price_unit: 'USD',
    direction: call.direction,
    answered_by: call.answeredBy ?? null,
    api_version: '2010-04-01',
    forwarded_from: null,
    group_sid: null,
    caller_name: null,
    queue_time: '0',
    trunk_sid: null,
    uri: `${uri}.json`,
    subresource_uris: {
      notifications: `${uri}/Notifications.json`,
      recordings: `${uri}/Recordings.json`,
      streams: `${uri}/Streams.json`,
      events: `${uri}/Events.json`,
    },
  }
}

function formatted(number: string): string {
  const parts = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number)
  return parts ? `(${parts[1]}) ${parts[2]}-${parts[3]}` : number
}
