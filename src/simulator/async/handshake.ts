import type { AsyncBehaviour } from './behaviour.ts'
import type { MessageFault } from './client-messages.ts'
import { type ErrorDetail, errorBody, shortenedKey } from './error-frames.ts'

export type HandshakeVerdict =
  | { readonly kind: 'http'; readonly status: number; readonly body: string }
  /** With `refusal` the socket is accepted, told (or not) and closed. */
  | { readonly kind: 'accept'; readonly refusal: ErrorDetail | 'silent' | undefined }

const websocketPath = '/text_to_speech/websocket/ws'

/** Judges the URL of a handshake: path, `version` and `api_key`, both in the query only. */
export function judgeHandshake(
  target: string,
  apiKey: string,
  behaviour: Readonly<AsyncBehaviour>,
): { verdict: HandshakeVerdict; faults: readonly MessageFault[] } {
  const url = URL.parse(target, 'http://async.invalid')
  const http = (status: number, error: ErrorDetail): HandshakeVerdict => ({
    kind: 'http',
    status,
    body: errorBody(error),
  })
  if (url?.pathname !== websocketPath) return { verdict: http(404, { code: 'NOT_FOUND' }), faults: [] }
  const faults: MessageFault[] = []
  const key = url.searchParams.get('api_key') ?? ''
  const keyFits = key === apiKey
  const versionFits = url.searchParams.get('version') === 'v1'
  if (!versionFits) faults.push({ code: 'no-version', detail: 'version=v1 stands in the query' })
  if (!keyFits) faults.push({ code: 'bad-key', detail: 'api_key stands in the query' })
  if (typeof behaviour.handshake === 'object')
    return { verdict: http(behaviour.handshake.httpStatus, { code: 'INTERNAL_SERVER_ERROR' }), faults }
  if (!versionFits && behaviour.missingVersion === 'refuse')
    return { verdict: http(404, { code: 'VERSION_NOT_FOUND' }), faults }
  if (keyFits) return { verdict: { kind: 'accept', refusal: undefined }, faults }
  const error: ErrorDetail = { code: 'INVALID_API_KEY', extra: { api_key: shortenedKey(key) } }
  if (behaviour.badKey === 'http-401') return { verdict: http(401, error), faults }
  return { verdict: { kind: 'accept', refusal: behaviour.badKey === 'close' ? 'silent' : error }, faults }
}
