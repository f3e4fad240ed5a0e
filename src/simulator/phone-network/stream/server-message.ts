/**
 * What a server may send on a bidirectional stream, read as strictly as Twilio reads it: exactly the documented
 * fields, no more and no fewer (Twilio docs, Media Streams WebSocket messages; error 31951).
 */
export type ServerMessage =
  | { kind: 'media'; audio: Uint8Array }
  | { kind: 'mark'; name: string }
  | { kind: 'clear' }
  | { kind: 'malformed'; problem: string }

type Fields = Record<string, unknown>

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value as a message can show it. Objects are only named: they may be too deep to be written out. */
function shown(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 60 ? `${JSON.stringify(value.slice(0, 60))}…` : JSON.stringify(value)
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}

/** What is wrong with the names of `fields`, or undefined if they are exactly `expected`. */
function wrongNames(where: string, fields: Fields, expected: readonly string[]): string | undefined {
  for (const name of expected) if (!Object.hasOwn(fields, name)) return `${where}: the field "${name}" is missing`
  for (const name of Object.keys(fields))
    if (!expected.includes(name)) return `${where}: the field ${shown(name)} is not one of ${expected.join(', ')}`
  return undefined
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/

function malformed(problem: string): ServerMessage {
  return { kind: 'malformed', problem }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Reads one text message; whatever is wrong with it is told in `problem`. */
export function parseServerMessage(text: string, streamSid: string): ServerMessage {
  const message = parseJson(text)
  if (message === undefined) return malformed(`not JSON: ${shown(text)}`)
  if (!isFields(message)) return malformed(`expected a JSON object, got ${shown(message)}`)
  const event = message['event']
  if (event !== 'media' && event !== 'mark' && event !== 'clear')
    return malformed(`expected the event media, mark or clear, got ${shown(event)}`)
  const wrong = wrongNames(event, message, event === 'clear' ? ['event', 'streamSid'] : ['event', 'streamSid', event])
  if (wrong) return malformed(wrong)
  if (message['streamSid'] !== streamSid)
    return malformed(`${event}: expected the streamSid ${streamSid}, got ${shown(message['streamSid'])}`)
  if (event === 'clear') return { kind: 'clear' }
  const body = message[event]
  if (!isFields(body)) return malformed(`${event}: expected an object in "${event}", got ${shown(body)}`)
  return event === 'media' ? parseMedia(body) : parseMark(body)
}

function parseMedia(media: Fields): ServerMessage {
  const wrong = wrongNames('media.media', media, ['payload'])
  if (wrong) return malformed(wrong)
  const payload = media['payload']
  if (typeof payload !== 'string') return malformed(`media.media.payload: expected a string, got ${shown(payload)}`)
  if (payload.length % 4 !== 0 || !base64.test(payload))
    return malformed(`media.media.payload: expected padded base64, got ${shown(payload)}`)
  return { kind: 'media', audio: Buffer.from(payload, 'base64') }
}

function parseMark(mark: Fields): ServerMessage {
  const wrong = wrongNames('mark.mark', mark, ['name'])
  if (wrong) return malformed(wrong)
  const name = mark['name']
  if (typeof name !== 'string' || name === '')
    return malformed(`mark.mark.name: expected a string that is not empty, got ${shown(name)}`)
  return { kind: 'mark', name }
}
