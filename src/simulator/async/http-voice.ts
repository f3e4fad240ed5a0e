import type { IncomingMessage } from 'node:http'
import { type ErrorDetail, errorBody, shortenedKey } from './error-frames.ts'
import type { HttpSpeechDependencies } from './http-speech.ts'

/** `GET /voices/{id}`: key and version stand in headers, `x-api-key` and `version` (Async docs, OpenAPI file). */
export function answerVoice(
  deps: HttpSpeechDependencies,
  request: IncomingMessage,
  voiceId: string,
): { readonly status: number; readonly body: string } {
  const refused = refusal(deps, request, voiceId)
  if (refused) return { status: refused.status, body: errorBody(refused.error, deps.behaviour.httpErrorForm) }
  return { status: 200, body: JSON.stringify(voiceResource(voiceId)) }
}

function refusal(
  { apiKey, catalogue, behaviour }: HttpSpeechDependencies,
  request: IncomingMessage,
  voiceId: string,
): { readonly status: number; readonly error: ErrorDetail } | undefined {
  const key = request.headers['x-api-key']
  if (key !== apiKey) {
    const shown = typeof key === 'string' ? shortenedKey(key) : ''
    return { status: 401, error: { code: 'INVALID_API_KEY', extra: { api_key: shown } } }
  }
  if (request.headers['version'] !== 'v1' && behaviour.httpMissingVersion === 'refuse')
    return { status: 404, error: { code: 'VERSION_NOT_FOUND' } }
  if (catalogue.voiceIds.includes(voiceId)) return undefined
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
