import { createHash } from 'node:crypto'
import { rfc2822 } from '../dates.ts'
import type { Exchange } from '../exchange.ts'
import type { RestReply } from './error.ts'
import { pageOf } from './page.ts'

/**
 * `GET /IncomingPhoneNumbers.json`: the numbers of the account. `PhoneNumber` may be a part of one, with `*` for any
 * digit (Twilio docs, IncomingPhoneNumber resource).
 */
export function listIncomingNumbers(exchange: Exchange, query: URLSearchParams): RestReply {
  const { account } = exchange
  const wanted = query.get('PhoneNumber') ?? ''
  const pattern = new RegExp(wanted.replace(/[^\d*]/g, '').replaceAll('*', '\\d'))
  const numbers = account.numbers.filter((number) => pattern.test(number))
  const path = `/2010-04-01/Accounts/${account.sid}/IncomingPhoneNumbers`
  return pageOf('incoming_phone_numbers', `${path}.json`, query, numbers, (number) => {
    const sid = `PN${createHash('md5').update(number).digest('hex')}`
    return {
      sid,
      account_sid: account.sid,
      phone_number: number,
      friendly_name: number,
      capabilities: { voice: true, sms: false, mms: false, fax: false },
      voice_url: '',
      voice_method: 'POST',
      status_callback: '',
      status_callback_method: 'POST',
      origin: 'twilio',
      status: 'in-use',
      date_created: rfc2822(0),
      date_updated: rfc2822(0),
      uri: `${path}/${sid}.json`,
    }
  })
}
