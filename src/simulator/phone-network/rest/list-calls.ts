import type { Call } from '../call.ts'
import type { Exchange } from '../exchange.ts'
import { callResource } from './call-resource.ts'
import type { RestReply } from './error.ts'

const defaultPageSize = 50
const largestPageSize = 1000

/**
 * `GET /Calls.json`: newest first, filtered by To, From, Status, ParentCallSid, StartTime and EndTime (with `<` and
 * `>`, both inclusive), in pages. A call that was not dialled yet counts with the time of its creation.
 */
export function listCalls(exchange: Exchange, query: URLSearchParams): RestReply {
  const { account, behaviour, calls, clock } = exchange
  const visible = calls.filter(
    (call) => clock.now() - call.createdAtMs >= behaviour.listLagMs && !forgotten(exchange, call),
  )
  const matching = visible.filter((call) => matches(call, query)).toReversed()
  const pageSize = Math.min(Math.max(Number(query.get('PageSize')) || defaultPageSize, 1), largestPageSize)
  const page = Math.max(Number(query.get('Page')) || 0, 0)
  const start = page * pageSize
  const items = matching.slice(start, start + pageSize)
  const path = `/2010-04-01/Accounts/${account.sid}/Calls.json`
  const uri = (number: number) => {
    const next = new URLSearchParams(query)
    next.set('PageSize', String(pageSize))
    next.set('Page', String(number))
    if (number > 0) next.set('PageToken', `PA${items.at(-1)?.sid ?? ''}`)
    return `${path}?${next.toString()}`
  }
  return {
    status: 200,
    body: {
      calls: items.map(callResource),
      first_page_uri: uri(0),
      next_page_uri: start + pageSize < matching.length ? uri(page + 1) : null,
      previous_page_uri: page > 0 ? uri(page - 1) : null,
      page,
      page_size: pageSize,
      start,
      end: start + Math.max(items.length - 1, 0),
      uri: uri(page),
    },
  }
}

/** Ended so long ago that the API knows it no more. */
export function forgotten({ behaviour, clock }: Exchange, call: Call): boolean {
  return call.endedAtMs !== undefined && clock.now() - call.endedAtMs > behaviour.forgetCallsAfterMs
}

function matches(call: Call, query: URLSearchParams): boolean {
  const same = (name: string, value: string | undefined) => !query.get(name) || query.get(name) === value
  return (
    same('To', call.to) &&
    same('From', call.from) &&
    same('Status', call.status) &&
    same('ParentCallSid', call.parentCallSid) &&
    within(call.dialledAtMs ?? call.createdAtMs, 'StartTime', query) &&
    within(call.endedAtMs, 'EndTime', query)
  )
}

const dayMs = 86_400_000

/** Times are compared in whole seconds, as the API shows them; a date stands for the whole day. */
function within(ms: number | undefined, name: string, query: URLSearchParams): boolean {
  const at = ms === undefined ? undefined : Math.floor(ms / 1000) * 1000
  const bound = (suffix: string) => {
    const text = query.get(name + suffix)
    return text ? { fromMs: Date.parse(text), day: !text.includes('T') } : undefined
  }
  const exact = bound('')
  const after = bound('>')
  const before = bound('<')
  if (!exact && !after && !before) return true
  if (at === undefined) return false
  if (after && at < Math.floor(after.fromMs / 1000) * 1000) return false
  if (before && at > before.fromMs + (before.day ? dayMs - 1 : 0)) return false
  return !exact || (at >= exact.fromMs && at < exact.fromMs + (exact.day ? dayMs : 1000))
}
