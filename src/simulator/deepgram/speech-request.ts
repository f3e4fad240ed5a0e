import type { IncomingHttpHeaders } from 'node:http'
import type { DeepgramBehaviour } from './behaviour.ts'
import { type FaultCode, isRecord, type MessageFault } from './client-messages.ts'
import { keyOf } from './handshake.ts'
import { judgeQuery, restEndpoint, type SpeechSettings } from './query.ts'
import type { ErrorCode, ErrorDetail } from './refusals.ts'

export type SpeechVerdict =
  | { readonly ok: true; readonly settings: SpeechSettings; readonly text: string }
  | { readonly ok: false; readonly error: ErrorDetail }

export interface JudgedRequest {
  readonly verdict: SpeechVerdict
  /** The JSON value or the plain text, `undefined` when there is none. */
  readonly body: unknown
  readonly faults: readonly MessageFault[]
}

type ReadText = { readonly text: string } | { readonly error: ErrorDetail; readonly fault: MessageFault }

/** Judges a request for speech (openapi.yml, `POST /v1/speak`). Never throws. */
export function judgeSpeechRequest(
  request: {
    readonly query: URLSearchParams
    readonly headers: IncomingHttpHeaders
    /** `undefined` when it was too large to be read. */
    readonly content: string | undefined
  },
  apiKey: string,
  models: readonly string[],
  behaviour: Readonly<DeepgramBehaviour>,
): JudgedRequest {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  const body = type === 'application/json' ? parsed(request.content) : request.content
  const query = judgeQuery(request.query, restEndpoint, models, behaviour)
  const read = readText(type, request.content, body, behaviour.httpCharacters)
  const faults = [...query.faults, ...('fault' in read ? [read.fault] : [])]
  if (keyOf(request.headers) !== apiKey)
    return {
      verdict: { ok: false, error: { code: 'INVALID_AUTH' } },
      body,
      faults: [{ code: 'bad-key', detail: 'the key stands in the header Authorization' }, ...faults],
    }
  if (!query.verdict.ok) return { verdict: query.verdict, body, faults }
  if ('error' in read) return { verdict: { ok: false, error: read.error }, body, faults }
  return { verdict: { ok: true, settings: query.verdict.settings, text: read.text }, body, faults }
}

function readText(type: string | undefined, content: string | undefined, body: unknown, limit: number): ReadText {
  const refuse = (code: ErrorCode, fault: FaultCode, detail: string, message?: string): ReadText => ({
    error: message === undefined ? { code } : { code, message },
    fault: { code: fault, detail },
  })
  if (content === undefined) return refuse('PAYLOAD_TOO_LARGE', 'too-large', 'more than 2 MB')
  if (type !== 'application/json' && type !== 'text/plain')
    return refuse('UNSUPPORTED_MEDIA_TYPE', 'bad-media-type', 'application/json or text/plain')
  const text = isRecord(body) ? body['text'] : body
  if (type === 'application/json' && !isRecord(body))
    return refuse('PAYLOAD_ERROR', 'not-json', 'one JSON object', 'Failed to deserialize JSON payload.')
  if (typeof text !== 'string')
    return refuse('PAYLOAD_ERROR', 'missing-field', 'text', 'Failed to deserialize JSON payload: missing field text.')
  if (isRecord(body) && Object.keys(body).some((key) => key !== 'text'))
    return refuse('PAYLOAD_ERROR', 'unknown-field', 'text is the only field')
  if (text.trim() === '') return refuse('Bad Request', 'empty-text', 'text', 'Input text contains no characters.')
  if (text.length > limit) return refuse('PAYLOAD_TOO_LARGE', 'too-many-characters', `${text.length} characters`)
  return { text }
}

function parsed(content: string | undefined): unknown {
  try {
    return JSON.parse(content ?? '')
  } catch {
    return undefined
  }
}
