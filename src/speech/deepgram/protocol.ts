import { socketBase } from '../../wire/socket-base.ts'

/**
 * The Deepgram text-to-speech websocket, /v1/speak. Pure: builds what we send, reads what comes.
 *
 *   url      = ws(s)://host/v1/speak?model=<voice>&encoding=mulaw&sample_rate=8000[&speed=]      ; no other parameters
 *   header   = Authorization: Token <key>
 *   client   = *( speak / flush / clear ) [ close ]                                              ; JSON text frames
 *   speak    = { type: "Speak", text }          ; at most 2,000 characters
 *   flush    = { type: "Flush" }                ; synthesise what is there; answered by flushed, after its audio
 *   clear    = { type: "Clear" }                ; drop text and audio; answered by cleared
 *   close    = { type: "Close" }
 *   server   = audio / metadata / flushed / cleared / warning / error / anything else, which is ignored
 *   audio    = binary frame: raw mu-law of any size, without an id
 *   metadata = { type: "Metadata", request_id, model_name, … }                                   ; once, at first
 *   flushed  = { type: "Flushed", sequence_id }
 *   cleared  = { type: "Cleared", sequence_id }
 *   warning  = { type: "Warning", warn_code, warn_msg } / { type: "Warning", code, description }
 *   error    = { type: "Error" / "error", ?err_code, ?code, … }         ; not documented for v1, read all the same
 *
 * Sources: Deepgram's API specification and docs (2026); the form of the warning seen live (deepgram-python-sdk 617).
 */
export type ServerFrame =
  | { readonly kind: 'audio'; readonly payload: string; readonly audioBytes: number }
  | { readonly kind: 'metadata' }
  | { readonly kind: 'flushed' }
  | { readonly kind: 'cleared' }
  | { readonly kind: 'warning'; readonly code: string | undefined }
  | { readonly kind: 'error'; readonly code: string | undefined }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'malformed' }

/** `undefined` when `url` is no http or ws URL. Unknown parameters have been answered with 400: none is added. */
export function socketUrl(settings: { url: string; voice: string; speed?: number }): string | undefined {
  const base = socketBase(settings.url)
  if (base === undefined) return undefined
  const query = new URLSearchParams({ model: settings.voice.toWellFormed(), encoding: 'mulaw', sample_rate: '8000' })
  if (settings.speed !== undefined && settings.speed !== 1) query.set('speed', String(settings.speed))
  return `${base}/v1/speak?${query.toString()}`
}

export function speakMessage(text: string): string {
  return JSON.stringify({ type: 'Speak', text: text.toWellFormed() })
}

export const flushMessage = JSON.stringify({ type: 'Flush' })
export const clearMessage = JSON.stringify({ type: 'Clear' })
export const closeMessage = JSON.stringify({ type: 'Close' })

const unknown: ServerFrame = { kind: 'unknown' }

/** Reads one frame. Never throws: what cannot be read is `malformed`, what is not known `unknown`. */
export function readFrame(data: Buffer, isBinary: boolean): ServerFrame {
  if (isBinary)
    return data.length === 0 ? unknown : { kind: 'audio', payload: data.toString('base64'), audioBytes: data.length }
  let frame: unknown
  try {
    frame = JSON.parse(data.toString())
  } catch {
    return { kind: 'malformed' }
  }
  if (!isRecord(frame)) return unknown
  switch (frame['type']) {
    case 'Metadata':
      return { kind: 'metadata' }
    case 'Flushed':
      return { kind: 'flushed' }
    case 'Cleared':
      return { kind: 'cleared' }
    case 'Warning':
      return { kind: 'warning', code: text(frame['warn_code']) ?? text(frame['code']) }
    case 'Error':
    case 'error':
      return { kind: 'error', code: text(frame['err_code']) ?? text(frame['code']) }
    default:
      return unknown
  }
}

/** The code in the body of a refused handshake: `{ err_code, err_msg, request_id }`. */
export function errorCodeIn(body: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(body)
    return isRecord(answer) ? text(answer['err_code']) : undefined
  } catch {
    return undefined
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
