import { createHash } from 'node:crypto'
import { rfc2822 } from '../dates.ts'
import type { Exchange } from '../exchange.ts'
import type { RestReply } from './error.ts'
import { pageOf } from './page.ts'

/** `GET /OutgoingCallerIds.json`: numbers of others that were verified; `PhoneNumber` must be all of one. */
export function listCallerIds(exchange: Exchange, query: URLSearchParams): RestReply {
  const { account, behaviour } = exchange
  const wanted = query.get('PhoneNumber')
  const numbers = behaviour.verifiedNumbers.filter((number) => !wanted || number === wanted)
  const path = `/2010-04-01/Accounts/${account.sid}/OutgoingCallerIds`
  return pageOf('outgoing_caller_ids', `${path}.json`, query, numbers, (number) => {
    const sid = `PN${createHash('md5').update(number).digest('hex')}`
    return {
      sid,
      account_sid: account.sid,
      phone_number: number,
      friendly_name: number,
      date_created: rfc2822(0),
      date_updated: rfc2822(0),
      uri: `${path}/${sid}.json`,
    }
  })
}
