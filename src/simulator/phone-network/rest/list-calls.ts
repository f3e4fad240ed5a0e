import type { Call } from '../call.ts'
import type { Exchange } from '../exchange.ts'
import { callResource } from './call-resource.ts'
import type { RestReply } from './error.ts'
import { pageOf } from './page.ts'

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
  return pageOf('calls', `/2010-04-01/Accounts/${account.sid}/Calls.json`, query, matching, callResource)
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
