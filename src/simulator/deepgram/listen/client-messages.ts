import type * as entries from '../../journal.ts'

/** What a strict reading of Deepgram's documentation of listening refuses. */
export type ListenFaultCode =
  | 'bad-key'
  | 'unknown-parameter'
  | 'bad-parameter'
  | 'not-json'
  | 'too-large'
  | 'unknown-message'
  | 'unknown-field'
  | 'keepalive-before-audio'
  | 'empty-audio'
  | 'after-close'

export type ListenMessageFault = entries.MessageFault<ListenFaultCode>

export interface ListenMessage {
  readonly kind: 'keep-alive' | 'finalize' | 'close-stream'
}

/** A text message: `unreadable`, or one of those that `Message` knows. */
export type ParsedListenMessage<Message extends { readonly kind: string } = ListenMessage> = entries.ParsedMessage<
  ListenFaultCode,
  Message | Unreadable
>

export interface Unreadable {
  readonly kind: 'unreadable'
}

/** The messages that are known, by their `type`, with their fields. */
export type KnownMessages<Message> = ReadonlyMap<
  unknown,
  { readonly message: (raw: object) => Message; readonly fields: readonly string[] }
>

const known: KnownMessages<ListenMessage> = new Map([
  ['KeepAlive', { message: () => ({ kind: 'keep-alive' }), fields: ['type'] }],
  ['Finalize', { message: () => ({ kind: 'finalize' }), fields: ['type', 'channel'] }],
  ['CloseStream', { message: () => ({ kind: 'close-stream' }), fields: ['type'] }],
])

/** Reads one text frame of a client of `/v1/listen`: KeepAlive, Finalize, CloseStream and no other (asyncapi.yml). */
export function readListenMessage(frame: string): ParsedListenMessage {
  return readMessage(frame, known)
}

/** Reads one text frame of a client. Never throws. */
export function readMessage<Message extends { readonly kind: string }>(
  frame: string,
  known: KnownMessages<Message>,
): ParsedListenMessage<Message> {
  let raw: unknown
  try {
    raw = JSON.parse(frame)
  } catch {
    return unreadable(frame.slice(0, 200), { code: 'not-json', detail: 'a text frame holds one JSON object' })
  }
  if (typeof raw !== 'object' || raw === null || !('type' in raw))
    return unreadable(raw, { code: 'unknown-message', detail: 'no type' })
  const found = known.get(raw.type)
  if (!found) {
    const type = typeof raw.type === 'string' ? raw.type.slice(0, 40) : 'no type'
    return unreadable(raw, { code: 'unknown-message', detail: type })
  }
  const faults = Object.keys(raw)
    .filter((key) => !found.fields.includes(key))
    .map((key): ListenMessageFault => ({ code: 'unknown-field', detail: key.slice(0, 40) }))
  return { message: found.message(raw), raw, faults }
}

function unreadable(raw: unknown, fault: ListenMessageFault): ParsedListenMessage<Unreadable> {
  return { message: { kind: 'unreadable' }, raw, faults: [fault] }
}
