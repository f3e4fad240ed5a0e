import { socketBase } from '../../wire/socket-base.ts'

/**
 * The Async speech-to-text websocket. Pure: builds what we send, reads what comes.
 *
 *   url    = ws(s)://host/speech_to_text/stream?api_key=<key>&model_id=&sample_rate=16000[&language=]
 *   client = *audio [ finish ]
 *   audio  = binary frame: PCM16, 16,000 Hz, mono, 250 to 500 ms
 *   finish = { final: true }                          ; no more audio: tell what there is
 *   server = reply / error / anything else, which is ignored
 *   reply  = { type: "interim" / "done" and/or final: boolean and/or is_final: boolean, transcript or text: string }
 *   error  = { error_code, message, ?extra } / { detail: { the same } } / { type: "error", … } / { detail: string, message, … }
 *
 * Sources: address, model and audio are in Async's docs (2026-07); query, finish and the fields of replies are known from
 * one client of others only, which takes any of those names. They are not confirmed: so does this one.
 */
export type ServerFrame =
  /** `text` is `undefined` where the frame has none: the end of what was told before. */
  | { readonly kind: 'reply'; readonly text: string | undefined; readonly final: boolean }
  | { readonly kind: 'error'; readonly code: string | undefined }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'malformed' }

export interface StreamQuery {
  readonly apiKey: string
  /** BCP 47; only its language counts, in two letters. */
  readonly language?: string | undefined
}

/** The one model for speech to text. */
const modelId = 'async_asr_v1.0'

/** The websocket URL; it holds the key, so it is never printed. `undefined` when `url` is no http or ws URL. */
export function socketUrl(url: string, asked: StreamQuery): string | undefined {
  const base = socketBase(url)
  if (base === undefined) return undefined
  const query = new URLSearchParams({
    api_key: asked.apiKey.toWellFormed(),
    model_id: modelId,
    sample_rate: '16000',
  })
  const language = /^[a-z]{2}(?=-|$)/.exec(asked.language ?? '')?.[0]
  if (language !== undefined) query.set('language', language)
  return `${base}/speech_to_text/stream?${query.toString()}`
}

export const finishMessage = JSON.stringify({ final: true })

const unknown: ServerFrame = { kind: 'unknown' }

/** Reads one frame. Never throws: what cannot be read is `malformed`, what is not known `unknown`. */
export function readFrame(data: Buffer, isBinary: boolean): ServerFrame {
  if (isBinary) return unknown
  let frame: unknown
  try {
    frame = JSON.parse(data.toString())
  } catch {
    return { kind: 'malformed' }
  }
  if (!isRecord(frame)) return unknown
  return errorIn(frame) ?? replyIn(frame) ?? unknown
}

/** The code in the body of a refused handshake. */
export function errorCodeIn(body: string): string | undefined {
  const frame = readFrame(Buffer.from(body), false)
  return frame.kind === 'error' ? frame.code : undefined
}

function errorIn(frame: Record<string, unknown>): ServerFrame | undefined {
  const { type, detail, message } = frame
  const error = isRecord(detail) ? detail : frame
  const code = string(error['error_code'])
  if (code === undefined && type !== 'error' && !(typeof detail === 'string' && typeof message === 'string'))
    return undefined
  return { kind: 'error', code }
}

function replyIn(frame: Record<string, unknown>): ServerFrame | undefined {
  const { type, final, is_final: isFinal } = frame
  const text = (string(frame['transcript']) ?? string(frame['text']))?.trim()
  if (type === 'done' || final === true || isFinal === true) return { kind: 'reply', text, final: true }
  // A text that nothing is said of may be all there ever is: what ends it then is the silence behind it.
  const isInterim = type === 'interim' || type === undefined || final === false || isFinal === false
  return isInterim && text !== undefined ? { kind: 'reply', text, final: false } : undefined
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
