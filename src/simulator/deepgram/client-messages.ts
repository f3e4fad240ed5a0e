import type * as entries from '../journal.ts'

/** What a strict reading of Deepgram's documentation refuses. */
export type FaultCode =
  | 'bad-key'
  | 'unknown-path'
  | 'unknown-parameter'
  | 'bad-parameter'
  | 'binary'
  | 'not-json'
  | 'too-large'
  | 'unknown-message'
  | 'missing-field'
  | 'wrong-type'
  | 'unknown-field'
  | 'empty-text'
  | 'too-many-characters'
  | 'characters-per-minute'
  | 'excessive-flush'
  | 'after-close'
  | 'bad-media-type'

export type MessageFault = entries.MessageFault<FaultCode>

export type ClientMessage =
  | { readonly kind: 'speak'; readonly text: string }
  | { readonly kind: 'flush' | 'clear' | 'close' }
  /** `binary`: no text frame. `unreadable`: no command. */
  | { readonly kind: 'binary' | 'unreadable' }

export type ParsedMessage = entries.ParsedMessage<FaultCode, ClientMessage>

const unreadable: ClientMessage = { kind: 'unreadable' }
const bare = new Map<unknown, ClientMessage>([
  ['Flush', { kind: 'flush' }],
  ['Clear', { kind: 'clear' }],
  ['Close', { kind: 'close' }],
])

export const binaryMessage: ParsedMessage = {
  message: { kind: 'binary' },
  raw: undefined,
  faults: [{ code: 'binary', detail: 'messages are text frames' }],
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function unknownFields(record: Record<string, unknown>, known: readonly string[]): MessageFault[] {
  return Object.keys(record)
    .filter((key) => !known.includes(key))
    .map((key) => ({ code: 'unknown-field', detail: key.slice(0, 40) }))
}

function readSpeak(record: Record<string, unknown>): ParsedMessage {
  const faults = unknownFields(record, ['type', 'text'])
  const { text } = record
  if (typeof text !== 'string') {
    const fault: MessageFault =
      text === undefined
        ? { code: 'missing-field', detail: 'text' }
        : { code: 'wrong-type', detail: 'text is a string' }
    return { message: unreadable, raw: record, faults: [fault, ...faults] }
  }
  if (text === '') faults.push({ code: 'empty-text', detail: 'Speak without a character' })
  return { message: { kind: 'speak', text }, raw: record, faults }
}

/** Reads one text frame of a client: Speak, Flush, Clear, Close and no other (asyncapi.yml). Never throws. */
export function readClientMessage(frame: string): ParsedMessage {
  let value: unknown
  try {
    value = JSON.parse(frame)
  } catch {
    const fault: MessageFault = { code: 'not-json', detail: 'a text frame holds one JSON object' }
    return { message: unreadable, raw: frame.slice(0, 200), faults: [fault] }
  }
  if (!isRecord(value))
    return { message: unreadable, raw: value, faults: [{ code: 'unknown-message', detail: 'not a JSON object' }] }
  if (value['type'] === 'Speak') return readSpeak(value)
  const message = bare.get(value['type'])
  if (message) return { message, raw: value, faults: unknownFields(value, ['type']) }
  const type = typeof value['type'] === 'string' ? value['type'].slice(0, 40) : 'no type'
  return { message: unreadable, raw: value, faults: [{ code: 'unknown-message', detail: type }] }
}
