import type * as entries from '../journal.ts'
import { parseTranscript } from './markup.ts'

/** What a strict reading of Async's documentation refuses. */
export type FaultCode =
  | 'bad-key'
  | 'no-version'
  | 'binary'
  | 'not-json'
  | 'too-large'
  | 'unknown-message'
  | 'text-for-transcript'
  | 'missing-field'
  | 'wrong-type'
  | 'unknown-field'
  | 'text-before-init'
  | 'second-init'
  | 'refused-init'
  | 'context-not-uuid'
  | 'trailing-space'
  | 'refused-request'
  | 'split-markup'
  | 'unknown-markup'
  | 'bad-markup'

export type MessageFault = entries.MessageFault<FaultCode>

export interface TranscriptMessage {
  /** `blank`: only whitespace, a keepalive or (forced) a flush. `end`: the empty transcript, end of input. */
  readonly kind: 'text' | 'blank' | 'end' | 'close-context'
  readonly contextId: string | undefined
  readonly transcript: string
  readonly force: boolean
}

export interface InitMessage {
  readonly kind: 'init'
  readonly fields: Readonly<Record<string, unknown>>
}

export type ClientMessage =
  | InitMessage
  | TranscriptMessage
  | { readonly kind: 'close-connection' }
  | { readonly kind: 'unreadable' }

export type ParsedMessage = entries.ParsedMessage<FaultCode, ClientMessage>

const uuidPattern = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i
const unreadable: ClientMessage = { kind: 'unreadable' }
const initFields = ['model_id', 'voice', 'output_format', 'language']
const transcriptFields = ['transcript', 'context_id', 'force', 'close_context']

export function isUuid(id: string): boolean {
  return uuidPattern.test(id)
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function unknownFields(record: Record<string, unknown>, known: readonly string[], place = ''): MessageFault[] {
  return Object.keys(record)
    .filter((key) => !known.includes(key))
    .map((key) => ({ code: 'unknown-field', detail: `${place}${key.slice(0, 40)}` }))
}

function readInit(record: Record<string, unknown>): ParsedMessage {
  const { voice, output_format: format } = record
  const faults = [
    ...unknownFields(record, initFields),
    ...(isRecord(voice) ? unknownFields(voice, ['mode', 'id'], 'voice.') : []),
    ...(isRecord(format)
      ? unknownFields(format, ['container', 'encoding', 'sample_rate', 'bit_rate'], 'output_format.')
      : []),
  ]
  return { message: { kind: 'init', fields: record }, raw: record, faults }
}

function readTranscript(record: Record<string, unknown>): ParsedMessage {
  const faults = unknownFields(record, transcriptFields)
  const { transcript = '', context_id: contextId = null, force = false, close_context: close = false } = record
  if (typeof transcript !== 'string' || typeof force !== 'boolean' || typeof close !== 'boolean')
    return {
      message: unreadable,
      raw: record,
      faults: [
        ...faults,
        { code: 'wrong-type', detail: 'transcript is a string, force and close_context are booleans' },
      ],
    }
  if (contextId !== null && typeof contextId !== 'string')
    return {
      message: unreadable,
      raw: record,
      faults: [...faults, { code: 'wrong-type', detail: 'context_id is a string' }],
    }
  if (record['transcript'] === undefined) faults.push({ code: 'missing-field', detail: 'transcript' })
  if (record['context_id'] === null) faults.push({ code: 'wrong-type', detail: 'context_id is a string or absent' })
  if (contextId !== null && !isUuid(contextId)) faults.push({ code: 'context-not-uuid', detail: 'context_id' })
  if (transcript !== '' && !/(?:^|\S) $/.test(transcript))
    faults.push({ code: 'trailing-space', detail: 'a transcript ends with a single space' })
  for (const code of parseTranscript(transcript).faults) faults.push({ code, detail: 'transcript' })
  const kind = close ? 'close-context' : transcript === '' ? 'end' : transcript.trim() === '' ? 'blank' : 'text'
  return { message: { kind, contextId: contextId ?? undefined, transcript, force }, raw: record, faults }
}

/** Reads one text frame of a client (Async docs, WebSocket page). Never throws. */
export function readClientMessage(text: string): ParsedMessage {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return {
      message: unreadable,
      raw: text.slice(0, 200),
      faults: [{ code: 'not-json', detail: 'a text frame holds one JSON object' }],
    }
  }
  if (!isRecord(value))
    return { message: unreadable, raw: value, faults: [{ code: 'unknown-message', detail: 'not a JSON object' }] }
  if (Object.hasOwn(value, 'transcript') || value['close_context'] === true) return readTranscript(value)
  if (initFields.some((field) => Object.hasOwn(value, field))) return readInit(value)
  if (value['text'] === '' || value['terminate'] === true)
    return { message: { kind: 'close-connection' }, raw: value, faults: unknownFields(value, ['text', 'terminate']) }
  if (Object.hasOwn(value, 'text'))
    return {
      message: unreadable,
      raw: value,
      faults: [{ code: 'text-for-transcript', detail: 'the field for text is transcript' }],
    }
  return {
    message: unreadable,
    raw: value,
    faults: [{ code: 'unknown-message', detail: Object.keys(value).join(', ').slice(0, 100) }],
  }
}
