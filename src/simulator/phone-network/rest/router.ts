import type { Exchange } from '../exchange.ts'
import type { DialQueue } from '../queue.ts'
import { refuseStranger } from './authentication.ts'
import { listCallerIds } from './caller-ids.ts'
import { createCall } from './create-call.ts'
import { fetchDialingPermission } from './dialing-permissions.ts'
import { notFound, type RestReply, restError } from './error.ts'
import { fetchCall } from './fetch-call.ts'
import { formOf } from './form.ts'
import { listIncomingNumbers } from './incoming-numbers.ts'
import { forgotten, listCalls } from './list-calls.ts'
import { updateCall } from './update-call.ts'

export interface RestCall {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly authorization: string | undefined
  readonly body: string
}

const paths = /^\/2010-04-01\/Accounts\/([^/]+)\/Calls(?:\/([^/]+))?\.json$/
const numbersPath = /^\/2010-04-01\/Accounts\/([^/]+)\/(IncomingPhoneNumbers|OutgoingCallerIds)\.json$/
const permissionPath = /^\/v1\/DialingPermissions\/Countries\/([^/]+)$/
const accountPath = /^\/2010-04-01\/Accounts\/([^/]+)\.json$/

/** The REST API of one account: its calls, its numbers, where it may call, and the account itself. */
export function answerRest(exchange: Exchange, queue: DialQueue, request: RestCall): RestReply {
  const { account, behaviour, calls } = exchange
  const url = URL.parse(request.target, 'http://localhost')
  const path = url?.pathname ?? ''
  const stranger = refuseStranger(request.authorization, account)
  if (stranger) return stranger
  const accountSid = accountPath.exec(path)?.[1]
  if (accountSid === account.sid && request.method === 'GET') {
    const body = {
      sid: account.sid,
      friendly_name: 'Phone network emulator',
      status: 'active',
      type: behaviour.trial ? 'Trial' : 'Full',
      uri: path,
    }
    return { status: 200, body }
  }
  const isoCode = permissionPath.exec(path)?.[1]
  if (isoCode !== undefined && request.method === 'GET') return fetchDialingPermission(exchange, path, isoCode)
  const [, owner, list] = numbersPath.exec(path) ?? []
  if (url && owner === account.sid && request.method === 'GET')
    return (list === 'OutgoingCallerIds' ? listCallerIds : listIncomingNumbers)(exchange, url.searchParams)
  const match = paths.exec(path)
  if (!url || !match || match[1] !== account.sid) return notFound(path)
  const form = formOf(new URLSearchParams(request.body))
  const sid = match[2]
  if (sid === undefined) {
    if (request.method === 'POST') return createCall(exchange, queue, form)
    if (request.method === 'GET') return listCalls(exchange, url.searchParams)
    return restError(405, 20_004, 'Method not allowed')
  }
  const call = calls.find((other) => other.sid === sid)
  if (!call || forgotten(exchange, call)) return notFound(path)
  if (request.method === 'GET') return fetchCall(call)
  if (request.method === 'POST') return updateCall(exchange, call, form)
  return restError(405, 20_004, 'Method not allowed')
}
