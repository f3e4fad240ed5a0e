import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { AsyncBehaviour } from './behaviour.ts'
import { type ErrorDetail, errorBody, shortenedKey } from './error-frames.ts'

export interface HttpFacts {
  readonly apiKey: string
  readonly voiceIds: readonly string[]
  readonly behaviour: Readonly<AsyncBehaviour>
}

/** The status route, `GET /voices/{id}`, and 404s; the HTTP text-to-speech endpoints are not emulated. */
export function answerHttp(facts: HttpFacts, request: IncomingMessage, response: ServerResponse): void {
  const [path = ''] = (request.url ?? '').split('?', 1)
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const voiceId = /^\/voices\/([^/]+)$/.exec(path)?.[1]
  const write = (status: number, body: string) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  if (isRead && path === '/') return void write(200, JSON.stringify({ status: 'ok', version: 'v1' }))
  const refused = isRead && voiceId !== undefined ? refuseVoice(facts, request, voiceId) : notFound
  if (refused) return void write(refused.status, errorBody(refused.error, facts.behaviour.httpErrorForm))
  write(200, JSON.stringify(voiceResource(voiceId ?? '')))
}

const notFound = { status: 404, error: { code: 'NOT_FOUND' } } as const

/** Key and version stand in headers here, `x-api-key` and `version` (Async docs, OpenAPI file). */
function refuseVoice(
  { apiKey, voiceIds, behaviour }: HttpFacts,
  request: IncomingMessage,
  voiceId: string,
): { readonly status: number; readonly error: ErrorDetail } | undefined {
  const key = request.headers['x-api-key']
  if (key !== apiKey) {
    const shown = typeof key === 'string' ? shortenedKey(key) : ''
    return { status: 401, error: { code: 'INVALID_API_KEY', extra: { api_key: shown } } }
  }
  if (request.headers['version'] !== 'v1' && behaviour.missingVersion === 'refuse')
    return { status: 404, error: { code: 'VERSION_NOT_FOUND' } }
  if (voiceIds.includes(voiceId)) return undefined
  return { status: 404, error: { code: 'VOICE_NOT_FOUND', extra: { voice_id: voiceId } } }
}

function voiceResource(voiceId: string) {
  return {
    voice_id: voiceId,
    name: 'Emulated voice',
    description: '',
    language: 'en,de,fr,es,it',
    gender: 'Neutral',
    accent: '',
    style: '',
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    voice_type: 'PREDEFINED',
  }
}

/** Answers a websocket handshake with an ordinary response. */
export function refuseUpgrade(tcp: Socket, status: number, body: string): void {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  tcp.end([...head, '', body].join('\r\n'))
  tcp.once('end', () => tcp.destroy()).resume()
}
