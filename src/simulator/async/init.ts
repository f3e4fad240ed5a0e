import { isRecord } from './client-messages.ts'
import type { ErrorDetail } from './error-frames.ts'
import { defaultOutput, type OutputFormat } from './output.ts'

/** Models of Async docs, Models page, with their languages (ISO 639-1). */
export const documentedModels: Readonly<Record<string, readonly string[]>> = {
  'async_pro_v1.0': ['en'],
  'async_flash_v1.5': ['en', 'es', 'fr', 'de', 'it', 'pt'],
  'async_flash_v1.0': ['en', 'fr', 'es', 'de', 'it', 'pt', 'ar', 'ru', 'ro', 'ja', 'he', 'hy', 'tr', 'hi', 'zh'],
}

export interface SocketSettings {
  readonly modelId: string
  readonly voiceId: string
  readonly language: string | undefined
  readonly output: OutputFormat
}

export interface Catalogue {
  readonly voiceIds: readonly string[]
  readonly models: readonly string[]
}

export type InitAnswer =
  | { readonly ok: true; readonly settings: SocketSettings }
  | { readonly ok: false; readonly error: ErrorDetail }

/** What one endpoint can give. */
export interface Formats {
  readonly containers: readonly OutputFormat['container'][]
  readonly encodings: readonly OutputFormat['encoding'][]
}

/** The websocket, and `/text_to_speech/streaming`. */
export const streamedFormats: Formats = { containers: ['raw'], encodings: ['pcm_s16le', 'pcm_f32le', 'pcm_mulaw'] }
/** The endpoints that answer when everything is made; mu-law is not listed for them. */
export const wholeFormats: Formats = { containers: ['raw', 'wav'], encodings: ['pcm_s16le', 'pcm_f32le'] }

function refuse(error: ErrorDetail): InitAnswer {
  return { ok: false, error }
}

function readOutput(value: unknown, { containers, encodings }: Formats): OutputFormat | undefined {
  if (value === undefined) return defaultOutput
  if (!isRecord(value)) return undefined
  const container = containers.find((known) => known === value['container'])
  const encoding = encodings.find((known) => known === (value['encoding'] ?? defaultOutput.encoding))
  const rateHz = value['sample_rate']
  if (
    !container ||
    !encoding ||
    typeof rateHz !== 'number' ||
    !Number.isInteger(rateHz) ||
    rateHz < 8000 ||
    rateHz > 48_000
  )
    return undefined
  return { encoding, sampleRateHz: rateHz, container }
}

/**
 * Judges the fields of an init message, or the same ones of an HTTP request (Async docs, WebSocket page; OpenAPI for
 * formats and error codes).
 */
export function readInitFields(
  fields: Readonly<Record<string, unknown>>,
  catalogue: Catalogue,
  formats: Formats = streamedFormats,
): InitAnswer {
  const { model_id: modelId, voice, language = null, output_format: format } = fields
  if (typeof modelId !== 'string') return refuse({ code: 'INVALID_REQUEST', message: 'model_id is required.' })
  if (!catalogue.models.includes(modelId)) return refuse({ code: 'MODEL_NOT_FOUND' })
  if (!isRecord(voice) || voice['mode'] !== 'id' || typeof voice['id'] !== 'string')
    return refuse({ code: 'INVALID_REQUEST', message: 'voice is required: {"mode":"id","id":<voice id>}.' })
  if (!catalogue.voiceIds.includes(voice['id']))
    return refuse({ code: 'VOICE_NOT_FOUND', extra: { voice_id: voice['id'] } })
  // null is what pipecat sends for no language.
  if (language !== null && typeof language !== 'string') return refuse({ code: 'INVALID_LANGUAGE' })
  const languages = Object.hasOwn(documentedModels, modelId) ? documentedModels[modelId] : undefined
  if (language !== null && languages && !languages.includes(language)) return refuse({ code: 'INVALID_LANGUAGE' })
  const output = readOutput(format, formats)
  if (!output) return refuse({ code: 'FORMAT_NOT_RECOGNIZED' })
  return { ok: true, settings: { modelId, voiceId: voice['id'], language: language ?? undefined, output } }
}
