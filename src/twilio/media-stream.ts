import type { Buffer } from 'node:buffer'
import { BridgeError } from '../errors.ts'
import { isAccountSid, isCallSid, isStreamSid } from './sids.ts'

/**
 * The messages of a media stream (Twilio docs, Media Streams WebSocket messages). One JSON object per text frame.
 *
 *   in   connected  start  media  dtmf  mark  stop      `streamSid` in all but the first
 *   out  media  mark  clear                             exactly the documented fields, else 31951 and silence
 *
 * Twilio documents the counters as numbers and sends strings; both are read. A counter that is absent is 0: Twilio
 * counts from 1.
 */
export type StreamMessage =
  | { event: 'connected'; protocol: string; version: string }
  | {
      event: 'start'
      streamSid: string
      accountSid: string
      callSid: string
      sequenceNumber: number
      /** Own keys only, no prototype. Absent on the wire means empty. */
      customParameters: Readonly<Record<string, string>>
      /** Twilio may leave it out or send null; the audio is 8 kHz mu-law all the same. */
      mediaFormat: MediaFormat | undefined
    }
  | {
      event: 'media'
      streamSid: string
      sequenceNumber: number
      chunk: number
      /** Milliseconds since the stream began. Neither starts at 0 nor keeps to a 20 ms grid. */
      timestampMs: number
      /** Base64 of 8 kHz mu-law, as received: not decoded, not checked. */
      payload: string
      track: 'inbound' | 'outbound'
    }
  | { event: 'dtmf'; streamSid: string; digit: string; sequenceNumber: number }
  | { event: 'mark'; streamSid: string; name: string; sequenceNumber: number }
  | { event: 'stop'; streamSid: string; callSid: string; accountSid: string; sequenceNumber: number }
  /** An event that Twilio added since: to be counted and ignored. `name` is short and printable. */
  | { event: 'unknown'; name: string }
  /** Says what was expected and what kind of thing came, never the content. */
  | { event: 'malformed'; problem: string }

export interface MediaFormat {
  encoding: string
  sampleRateHz: number
  channels: number
}

/** A 20 ms frame is about 400 characters; nothing that Twilio sends comes near this. */
export const maxMessageLength = 65_536

type Fields = Readonly<Record<string, unknown>>
type Malformed = Extract<StreamMessage, { event: 'malformed' }>

/**
 * Reads one frame. Never throws.
 * @param data the frame's text, as a string or as UTF-8 bytes
 * @param isBinary whether it came as a binary frame, which Twilio never sends
 */
export function parseStreamMessage(data: string | Buffer, isBinary = false): StreamMessage {
  if (isBinary) return malformed(`expected a text frame, got a binary one of ${data.length} bytes`)
  if (data.length > maxMessageLength)
    return malformed(`expected at most ${maxMessageLength} characters, got ${data.length}`)
  let message: unknown
  try {
    message = JSON.parse(typeof data === 'string' ? data : data.toString('utf8'))
  } catch {
    return malformed(`expected JSON, got ${data.length} characters of something else`)
  }
  if (!isFields(message)) return expected('message', 'an object', message)
  const event = message['event']
  if (typeof event !== 'string') return expected('event', 'a string', event)
  if (event === 'connected')
    return { event, protocol: textOr(message['protocol'], ''), version: textOr(message['version'], '') }
  if (!isKnownEvent(event)) return { event: 'unknown', name: /^[\w.-]{1,40}$/.test(event) ? event : '(unprintable)' }

  const body = message[event]
  if (!isFields(body)) return expected(event, 'an object', body)
  const streamSid = message['streamSid'] ?? body['streamSid']
  if (!isStreamSid(streamSid)) return expected('streamSid', 'MZ and 32 hexadecimal digits', streamSid)
  const sequenceNumber = countOr0(message['sequenceNumber'])
  if (sequenceNumber === undefined) return expected('sequenceNumber', 'a whole number', message['sequenceNumber'])
  return parsers[event](body, streamSid, sequenceNumber)
}

const parsers = {
  start(start: Fields, streamSid: string, sequenceNumber: number): StreamMessage {
    const { accountSid, callSid } = start
    if (start['streamSid'] !== undefined && start['streamSid'] !== streamSid)
      return malformed('start.streamSid: expected the same as streamSid, got another')
    if (!isAccountSid(accountSid)) return expected('start.accountSid', 'AC and 32 hexadecimal digits', accountSid)
    if (!isCallSid(callSid)) return expected('start.callSid', 'CA and 32 hexadecimal digits', callSid)
    const customParameters = parseParameters(start['customParameters'])
    const mediaFormat = parseMediaFormat(start['mediaFormat'])
    return { event: 'start', streamSid, accountSid, callSid, sequenceNumber, customParameters, mediaFormat }
  },

  media(media: Fields, streamSid: string, sequenceNumber: number): StreamMessage {
    const { payload, track } = media
    if (typeof payload !== 'string') return expected('media.payload', 'a string', payload)
    const chunk = countOr0(media['chunk'])
    if (chunk === undefined) return expected('media.chunk', 'a whole number', media['chunk'])
    const timestampMs = wholeNumber(media['timestamp'])
    if (timestampMs === undefined) return expected('media.timestamp', 'a whole number', media['timestamp'])
    return {
      event: 'media',
      streamSid,
      sequenceNumber,
      chunk,
      timestampMs,
      payload,
      track: track === 'outbound' ? track : 'inbound',
    }
  },

  dtmf(dtmf: Fields, streamSid: string, sequenceNumber: number): StreamMessage {
    const { digit } = dtmf
    if (typeof digit !== 'string' || !/^[0-9A-D*#]$/.test(digit)) return expected('dtmf.digit', 'one key', digit)
    return { event: 'dtmf', streamSid, digit, sequenceNumber }
  },

  mark(mark: Fields, streamSid: string, sequenceNumber: number): StreamMessage {
    const { name } = mark
    if (typeof name !== 'string') return expected('mark.name', 'a string', name)
    return { event: 'mark', streamSid, name, sequenceNumber }
  },

  stop(stop: Fields, streamSid: string, sequenceNumber: number): StreamMessage {
    const { accountSid, callSid } = stop
    if (!isCallSid(callSid)) return expected('stop.callSid', 'CA and 32 hexadecimal digits', callSid)
    if (!isAccountSid(accountSid)) return expected('stop.accountSid', 'AC and 32 hexadecimal digits', accountSid)
    return { event: 'stop', streamSid, callSid, accountSid, sequenceNumber }
  },
}

function isKnownEvent(event: string): event is keyof typeof parsers {
  return Object.hasOwn(parsers, event)
}

const notBase64 = /[^A-Za-z0-9+/=]/

/** What every media message of a stream begins with, for `encodeMedia`; joined, it is one string and no chain of three. */
export function mediaHead(streamSid: string): string {
  return ['{"event":"media","streamSid":"', checked(streamSid), '","media":{"payload":"'].join('')
}

/**
 * Wraps base64 mu-law into a media message. The payload goes in as it is, neither decoded nor serialised again;
 * characters that are no base64 are left out, so that a broken provider cannot write JSON of its own.
 */
export function encodeMedia(head: string, payload: string): string {
  return `${head}${notBase64.test(payload) ? payload.replace(/[^A-Za-z0-9+/=]+/g, '') : payload}"}}`
}

/** Twilio sends the name back when all audio queued before has been played, or was cleared. */
export function encodeMark(streamSid: string, name: string): string {
  const quoted = /^[\w:]+$/.test(name) ? `"${name}"` : ascii(JSON.stringify(name))
  return `{"event":"mark","streamSid":"${checked(streamSid)}","mark":{"name":${quoted}}}`
}

/** The same JSON, without a character that is more than one byte. */
function ascii(json: string): string {
  return json.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Empties Twilio's audio buffer; every outstanding mark comes back. */
export function encodeClear(streamSid: string): string {
  return `{"event":"clear","streamSid":"${checked(streamSid)}"}`
}

function checked(streamSid: string): string {
  if (isStreamSid(streamSid)) return streamSid
  const problem = 'A stream is named by MZ and 32 hexadecimal digits; this is no such name.'
  throw new BridgeError('twilio.bad-message', problem)
}

function parseParameters(value: unknown): Readonly<Record<string, string>> {
  // Built from entries and without a prototype: a parameter may be called `__proto__` or `constructor`.
  const entries = isFields(value) ? Object.entries(value) : []
  const parameters: Record<string, string> = Object.fromEntries(entries.filter(isTextEntry))
  Object.setPrototypeOf(parameters, null)
  return Object.freeze(parameters)
}

function parseMediaFormat(value: unknown): MediaFormat | undefined {
  if (!isFields(value)) return undefined
  const sampleRateHz = wholeNumber(value['sampleRate'])
  const channels = wholeNumber(value['channels'])
  if (sampleRateHz === undefined || channels === undefined) return undefined
  return { encoding: textOr(value['encoding'], ''), sampleRateHz, channels }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTextEntry(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === 'string'
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}

function wholeNumber(value: unknown): number | undefined {
  if (typeof value === 'string') return /^\d{1,15}$/.test(value) ? Number(value) : undefined
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

function countOr0(value: unknown): number | undefined {
  return value === undefined || value === null ? 0 : wholeNumber(value)
}

function malformed(problem: string): Malformed {
  return { event: 'malformed', problem }
}

function expected(field: string, what: string, came: unknown): Malformed {
  return malformed(`${field}: expected ${what}, got ${kindOf(came)}`)
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'string') return `another string of ${value.length} characters`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
