import type * as entries from '../../journal.ts'

/** What a strict reading of the little that is known of `/speech_to_text/stream` refuses. */
export type ListenFaultCode =
  | 'bad-key'
  | 'unknown-parameter'
  | 'bad-parameter'
  | 'not-json'
  | 'unknown-message'
  | 'unknown-field'
  | 'odd-bytes'
  | 'frame-length'
  | 'after-finish'

export type ListenMessageFault = entries.MessageFault<ListenFaultCode>

export interface ListenMessage {
  readonly kind: 'finish' | 'unreadable'
}

export type ParsedListenMessage = entries.ParsedMessage<ListenFaultCode, ListenMessage>

/** Reads one text frame of a client: `{"final":true}` and no other. Never throws. */
export function readListenMessage(frame: string): ParsedListenMessage {
  let raw: unknown
  try {
    raw = JSON.parse(frame)
  } catch {
    return unreadable(frame.slice(0, 200), { code: 'not-json', detail: 'a text frame holds one JSON object' })
  }
  if (typeof raw !== 'object' || raw === null || !('final' in raw) || raw.final !== true)
    return unreadable(raw, { code: 'unknown-message', detail: 'the one message is {"final":true}' })
  const faults = Object.keys(raw)
    .filter((key) => key !== 'final')
    .map((key): ListenMessageFault => ({ code: 'unknown-field', detail: key.slice(0, 40) }))
  return { message: { kind: 'finish' }, raw, faults }
}

function unreadable(raw: unknown, fault: ListenMessageFault): ParsedListenMessage {
  return { message: { kind: 'unreadable' }, raw, faults: [fault] }
}
