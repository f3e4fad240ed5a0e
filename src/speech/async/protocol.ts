import { socketBase } from '../../wire/socket-base.ts'
import { readPayload } from './payload.ts'

/**
 * The Async text-to-speech websocket, version v1. Pure: builds what we send, reads what comes.
 *
 *   url        = ws(s)://host/text_to_speech/websocket/ws?api_key=<key>&version=v1
 *   client     = init *( text / keepalive / end / close-context ) [ terminate ]     ; JSON text frames
 *   init       = { model_id, voice: { mode: "id", id }, output_format: { container, encoding, sample_rate }, ?language }
 *   text       = { transcript: sentence " ", context_id: uuid, force: true }
 *   keepalive  = { transcript: " ", ?context_id }
 *   end        = { transcript: "", context_id }             ; no more text, the rest of the audio and `final` follow
 *   close-context = { context_id, close_context: true, transcript: "" }             ; may cut: used as cancel only
 *   terminate  = { terminate: true }
 *   server     = ( audio / final / error / ack / anything else, which is ignored )
 *   audio      = { audio: base64, ?context_id, ?final }
 *   final      = { audio: "", final: true, ?context_id }    ; the context is complete, or says it is
 *   error      = { error_code, message, ?extra, ?context_id } / { detail: { the same } }
 *   ack        = { event: "init_ack", context_id }          ; not documented, not always sent
 *
 * Sources: Async docs, "Text to Speech (WebSocket)" (2026-07-06); `end` and `force` as in Async's own LiveKit and
 * pipecat integrations; errors from Async's OpenAPI file and a live report; `init_ack` from one live report.
 */
export type ServerFrame =
  | {
      readonly kind: 'audio'
      readonly contextId: string | undefined
      /** Padded base64; the string that came, unless its padding was missing. */
      readonly payload: string
      readonly audioBytes: number
      readonly final: boolean
    }
  | { readonly kind: 'final'; readonly contextId: string | undefined }
  | {
      readonly kind: 'error'
      readonly contextId: string | undefined
      readonly code: string
      readonly retryAfterMs: number | undefined
    }
  | { readonly kind: 'ack'; readonly contextId: string | undefined }
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'malformed'
      readonly reason: 'json' | 'base64'
      readonly contextId: string | undefined
      readonly final: boolean
    }

/** The websocket URL; it holds the key, so it is never printed. `undefined` when `url` is no http or ws URL. */
export function socketUrl(settings: { url: string; apiKey: string; version: string }): string | undefined {
  const base = socketBase(settings.url)
  if (base === undefined) return undefined
  const query = `api_key=${encodeURIComponent(settings.apiKey.toWellFormed())}&version=${encodeURIComponent(settings.version.toWellFormed())}`
  return `${base}/text_to_speech/websocket/ws?${query}`
}

export interface VoiceChoice {
  readonly modelId: string
  readonly voiceId: string
  /** ISO 639-1; left out, Async recognises the language itself. */
  readonly language?: string
}

/** The first message of a socket; fixes voice, model and format for its whole life. */
export function initMessage(choice: VoiceChoice): string {
  return JSON.stringify({
    model_id: choice.modelId,
    voice: { mode: 'id', id: choice.voiceId },
    output_format: { container: 'raw', encoding: 'pcm_mulaw', sample_rate: 8000 },
    ...(choice.language === undefined ? {} : { language: choice.language }),
  })
}

/** Text to speak now: without `force` Async waits for more characters, for up to a minute. */
export function textMessage(contextId: string, text: string): string {
  return JSON.stringify({ transcript: `${text.trimEnd()} `, context_id: contextId, force: true })
}

/** No more text: the rest of the audio and `final` follow. */
export function endMessage(contextId: string): string {
  return JSON.stringify({ transcript: '', context_id: contextId })
}

/** Ends a context; what is being spoken may be cut. */
export function closeContextMessage(contextId: string): string {
  return JSON.stringify({ context_id: contextId, close_context: true, transcript: '' })
}

/** Async ends a socket after 60.0 s without a message. */
export function keepaliveMessage(contextId: string | undefined): string {
  return JSON.stringify(contextId === undefined ? { transcript: ' ' } : { transcript: ' ', context_id: contextId })
}

export const terminateMessage = JSON.stringify({ terminate: true })

const unknown: ServerFrame = { kind: 'unknown' }

/** Reads one text frame. Never throws: what cannot be read is `malformed`, what is not known `unknown`. */
export function readFrame(text: string): ServerFrame {
  let frame: unknown
  try {
    frame = JSON.parse(text)
  } catch {
    return { kind: 'malformed', reason: 'json', contextId: undefined, final: false }
  }
  if (!isRecord(frame)) return unknown
  const contextId = nonEmptyString(frame['context_id'])
  const error = isRecord(frame['detail']) ? frame['detail'] : frame
  if (typeof error['error_code'] === 'string') {
    return { kind: 'error', contextId, code: error['error_code'], retryAfterMs: retryAfterMs(error['extra']) }
  }
  if (frame['event'] === 'init_ack') return { kind: 'ack', contextId }
  const final = frame['final'] === true
  const audio = frame['audio']
  if (typeof audio === 'string' && audio !== '') {
    const payload = readPayload(audio)
    if (!payload) return { kind: 'malformed', reason: 'base64', contextId, final }
    return { kind: 'audio', contextId, payload: payload.base64, audioBytes: payload.audioBytes, final }
  }
  return final ? { kind: 'final', contextId } : unknown
}

function retryAfterMs(extra: unknown): number | undefined {
  const value = isRecord(extra) ? extra['retry_after_ms'] : undefined
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

function nonEmptyString(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
