import type { Account } from '../exchange.ts'
import { type RestReply, restError } from './error.ts'

/** Undefined when the Basic credentials are those of the account or of one of its API keys; 20003 otherwise. */
export function refuseStranger(authorization: string | undefined, account: Account): RestReply | undefined {
  const [scheme, encoded = ''] = (authorization ?? '').split(' ')
  const [name = '', ...rest] = Buffer.from(encoded, 'base64').toString().split(':')
  const secret = rest.join(':')
  const pairs = [{ sid: account.sid, secret: account.authToken }, ...account.apiKeys]
  const known = pairs.find((pair) => pair.sid === name)
  if (scheme?.toLowerCase() === 'basic' && known?.secret === secret) return undefined
  const problem = encoded === '' ? 'No credentials provided' : known ? 'invalid password' : 'invalid username'
  const error = restError(401, 20_003, `Authentication Error - ${problem}`)
  return { ...error, headers: { 'www-authenticate': 'Basic realm="Twilio API"' } }
}
