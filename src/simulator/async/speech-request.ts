import type { IncomingHttpHeaders } from 'node:http'
import type { AsyncBehaviour } from './behaviour.ts'
import { isRecord, type MessageFault, unknownFields } from './client-messages.ts'
import type { ErrorDetail } from './error-frames.ts'
import { judgeHeaders } from './http-headers.ts'
import { type Catalogue, readInitFields, type SocketSettings, streamedFormats, wholeFormats } from './init.ts'
import { parseTranscript } from './markup.ts'

export type SpeechEndpoint = 'whole' | 'streaming' | 'timestamps'

export type SpeechVerdict =
  | { readonly ok: true; readonly settings: SocketSettings; readonly transcript: string }
  | { readonly ok: false; readonly error: ErrorDetail }

export interface JudgedRequest {
  readonly verdict: SpeechVerdict
  /** The JSON value, `undefined` when there is none. */
  readonly body: unknown
  readonly faults: readonly MessageFault[]
}

const fields = ['model_id', 'transcript', 'voice', 'output_format', 'language', 'speed_control', 'stability']
/** Of `async_flash_v1.0` only (Async docs, Models page). */
const legacyModel = 'async_flash_v1.0'
const legacyFields = { speed_control: [0.7, 2], stability: [0, 100] } as const

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Judges a request for speech (OpenAPI, the three `/text_to_speech` endpoints). Never throws. */
export function judgeSpeechRequest(
  endpoint: SpeechEndpoint,
  request: { readonly headers: IncomingHttpHeaders; readonly text: string | undefined },
  apiKey: string,
  catalogue: Catalogue,
  behaviour: Readonly<AsyncBehaviour>,
): JudgedRequest {
  const { error, faults } = judgeHeaders(request.headers, apiKey, behaviour, {
    contentType: 'application/json',
  })
  const body = request.text === undefined ? undefined : parse(request.text)
  const refuse = (error: ErrorDetail, fault?: MessageFault): JudgedRequest => ({
    verdict: { ok: false, error },
    body,
    faults: fault ? [...faults, fault] : faults,
  })
  if (error) return refuse(error)
  if (request.text === undefined)
    return refuse({ code: 'INVALID_REQUEST' }, { code: 'too-large', detail: 'more than 1 MiB' })
  if (!isRecord(body)) return refuse({ code: 'INVALID_REQUEST' }, { code: 'not-json', detail: 'one JSON object' })
  faults.push(...unknownFields(body, fields))
  const { transcript } = body
  if (typeof transcript !== 'string' || transcript.trim() === '')
    return refuse(
      { code: 'INVALID_REQUEST', message: 'transcript is required.' },
      { code: 'missing-field', detail: 'transcript' },
    )
  if (body['output_format'] === undefined)
    return refuse(
      { code: 'INVALID_REQUEST', message: 'output_format is required.' },
      { code: 'missing-field', detail: 'output_format' },
    )
  const answer = readInitFields(body, catalogue, endpoint === 'streaming' ? streamedFormats : wholeFormats)
  if (!answer.ok) return refuse(answer.error, { code: 'refused-request', detail: answer.error.code })
  const { settings } = answer
  if (endpoint !== 'streaming' && behaviour.httpModels === 'flash-v1.0' && settings.modelId !== legacyModel)
    return refuse({ code: 'MODEL_NOT_FOUND' }, { code: 'refused-request', detail: 'the model only streams' })
  for (const [name, [least, most]] of Object.entries(legacyFields)) {
    const value = body[name]
    if (value === undefined) continue
    if (settings.modelId !== legacyModel)
      faults.push({ code: 'unknown-field', detail: `${name} of ${legacyModel} only` })
    else if (typeof value !== 'number' || value < least || value > most)
      return refuse({ code: 'INVALID_REQUEST' }, { code: 'wrong-type', detail: `${name} is from ${least} to ${most}` })
  }
  for (const code of parseTranscript(transcript).faults) faults.push({ code, detail: 'transcript' })
  return { verdict: { ok: true, settings, transcript }, body, faults }
}
