import { rfc2822 } from '../dates.ts'
import type { Exchange, OwnNumber } from '../exchange.ts'
import { notFound, type RestReply, restError } from './error.ts'
import { type Form, methodField, urlField } from './form.ts'

const path = /^\/2010-04-01\/Accounts\/([^/]+)\/IncomingPhoneNumbers(?:\/([^/]+))?\.json$/

/** The account's numbers: listed by `PhoneNumber`, fetched, and updated in their voice URL. Undefined for other paths. */
export function answerPhoneNumbers(
  exchange: Exchange,
  request: { readonly method: string; readonly url: URL; readonly form: Form },
): RestReply | undefined {
  const { account, clock, numbers } = exchange
  const { method, url, form } = request
  const match = path.exec(url.pathname)
  if (!match) return undefined
  if (match[1] !== account.sid) return notFound(url.pathname)
  if (match[2] === undefined)
    return method === 'GET' ? list(exchange, url) : restError(405, 20_004, 'Method not allowed')
  const number = numbers.find((one) => one.sid === match[2])
  if (!number) return notFound(url.pathname)
  if (method === 'GET') return { status: 200, body: resource(exchange, number) }
  if (method !== 'POST') return restError(405, 20_004, 'Method not allowed')
  const voiceUrl = urlField(form, 'VoiceUrl', 21_402)
  if (!voiceUrl.ok) return voiceUrl.reply
  const voiceMethod = methodField(form, 'VoiceMethod')
  if (!voiceMethod.ok) return voiceMethod.reply
  if (voiceUrl.value !== undefined) number.voiceUrl = voiceUrl.value
  if (form.one('VoiceMethod') !== undefined) number.voiceMethod = voiceMethod.value
  number.updatedAtMs = clock.now()
  return { status: 200, body: resource(exchange, number) }
}

/** `PhoneNumber` may be a part of a number, with `*` for any digit; without one, all are listed. On one page. */
function list(exchange: Exchange, url: URL): RestReply {
  const wanted = (url.searchParams.get('PhoneNumber') ?? '').replace(/[^\d*]/g, '').replaceAll('*', String.raw`\d`)
  const matching = exchange.numbers.filter((one) => new RegExp(wanted).test(one.number))
  const uri = `${url.pathname}${url.search}`
  return {
    status: 200,
    body: {
      incoming_phone_numbers: matching.map((one) => resource(exchange, one)),
      first_page_uri: uri,
      next_page_uri: null,
      previous_page_uri: null,
      page: 0,
      page_size: 50,
      start: 0,
      end: Math.max(matching.length - 1, 0),
      uri,
    },
  }
}

function resource({ account }: Exchange, number: OwnNumber): Record<string, unknown> {
  return {
    sid: number.sid,
    account_sid: account.sid,
    phone_number: number.number,
    friendly_name: number.number,
    voice_url: number.voiceUrl,
    voice_method: number.voiceMethod,
    voice_fallback_url: '',
    voice_fallback_method: 'POST',
    voice_application_sid: '',
    status_callback: '',
    status_callback_method: 'POST',
    capabilities: { voice: true, sms: true, mms: false, fax: false },
    status: 'in-use',
    origin: 'twilio',
    beta: false,
    api_version: '2010-04-01',
    date_created: rfc2822(number.createdAtMs),
    date_updated: rfc2822(number.updatedAtMs),
    uri: `/2010-04-01/Accounts/${account.sid}/IncomingPhoneNumbers/${number.sid}.json`,
  }
}
