import type { IncomingHttpHeaders } from 'node:http'
import type { DeepgramBehaviour } from './behaviour.ts'
import type { MessageFault } from './client-messages.ts'
import { judgeQuery, type SpeechSettings, websocketEndpoint } from './query.ts'
import { type ErrorDetail, errorOfStatus } from './refusals.ts'

export interface JudgedHandshake {
  readonly verdict:
    | { readonly kind: 'refuse'; readonly error: ErrorDetail }
    | { readonly kind: 'accept'; readonly settings: SpeechSettings }
  readonly faults: readonly MessageFault[]
}

const speakPath = '/v1/speak'

/**
 * The key of `Authorization: Token …` or `Bearer …`, in any case; or, for browsers, of the websocket protocols
 * `token, …` and `bearer, …` (Deepgram's JavaScript SDK). A key in the query is none.
 */
export function keyOf(headers: IncomingHttpHeaders): string | undefined {
  const protocols = headers['sec-websocket-protocol']?.replace(/^(\w+)\s*,\s*/, '$1 ')
  return /^(?:token|bearer) +(\S+)$/i.exec(headers.authorization ?? protocols ?? '')?.[1]
}

/** Judges a handshake: path, key and query, in this order. */
export function judgeHandshake(
  request: { readonly target: string; readonly headers: IncomingHttpHeaders },
  apiKey: string,
  models: readonly string[],
  behaviour: Readonly<DeepgramBehaviour>,
): JudgedHandshake {
  const refuse = (error: ErrorDetail, ...faults: readonly MessageFault[]): JudgedHandshake => ({
    verdict: { kind: 'refuse', error },
    faults,
  })
  const url = URL.parse(request.target, 'http://deepgram.invalid')
  if (url?.pathname !== speakPath) return refuse({ code: 'NOT_FOUND' }, { code: 'unknown-path', detail: speakPath })
  if (keyOf(request.headers) !== apiKey)
    return refuse({ code: 'INVALID_AUTH' }, { code: 'bad-key', detail: 'the key stands in the header Authorization' })
  if (typeof behaviour.handshake === 'object') return refuse(errorOfStatus(behaviour.handshake.httpStatus))
  const { verdict, faults } = judgeQuery(url.searchParams, websocketEndpoint, models, behaviour)
  return verdict.ok
    ? { verdict: { kind: 'accept', settings: verdict.settings }, faults }
    : refuse(verdict.error, ...faults)
}
