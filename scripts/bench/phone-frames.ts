import { account } from './identity.ts'
import type { Form } from './sound.ts'
import { chunkAt, counters, sequenceAt, sidBytes, sids } from './phone-rows.ts'
import type { FrameBuilder } from './wire/frame-builder.ts'

/** What Twilio sends on a media stream (Twilio docs, Media Streams WebSocket messages). Counters are strings. Pure. */
export interface PhoneFrames {
  readonly connected: string
  start(parameters: Readonly<Record<string, string>>): string
  mark(name: string): string
  dtmf(digit: string): string
  stop(): string
}

const frameMs = 20
/** The first timestamps of real streams lie between 57 and 171. */
const firstTimestampMs = 97
const beforeSequence = Buffer.from('{"event":"media","sequenceNumber":"')
const beforeChunk = Buffer.from('","media":{"track":"inbound","chunk":"')
const beforeTimestamp = Buffer.from('","timestamp":"')
const beforePayload = Buffer.from('","payload":"')
const beforeSid = Buffer.from('"},"streamSid":"')
const behindSid = Buffer.from('"}')

/** Builds the frame of a phone's next chunk, in the form that the message has in the documentation. */
export function buildMedia(frames: FrameBuilder, row: number, form: Form, stream: number, place: number): void {
  frames.begin()
  frames.copy(beforeSequence)
  frames.digits(nextOf(row / 4 + sequenceAt))
  const chunk = nextOf(row / 4 + chunkAt)
  frames.copy(beforeChunk)
  frames.digits(chunk)
  frames.copy(beforeTimestamp)
  frames.digits(firstTimestampMs + (chunk - 1) * frameMs)
  frames.copy(beforePayload)
  form.put(frames.bytes, frames.leave(form.length), stream, place)
  frames.copy(beforeSid)
  sids.copy(frames.bytes, frames.leave(sidBytes), row, row + sidBytes)
  frames.copy(behindSid)
  frames.end()
}

function nextOf(counter: number): number {
  const next = (counters[counter] ?? 0) + 1
  counters[counter] = next
  return next
}

/** @param row of the phone, which holds its counters */
export function createPhoneFrames(row: number, streamSid: string, callSid: string): PhoneFrames {
  const nextSequence = () => nextOf(row / 4 + sequenceAt)
  return {
    connected: JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }),
    start: (customParameters) =>
      JSON.stringify({
        event: 'start',
        sequenceNumber: String(nextSequence()),
        start: {
          accountSid: account.sid,
          streamSid,
          callSid,
          tracks: ['inbound'],
          mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
          customParameters,
        },
        streamSid,
      }),
    mark: (name) =>
      JSON.stringify({ event: 'mark', streamSid, sequenceNumber: String(nextSequence()), mark: { name } }),
    dtmf: (digit) =>
      JSON.stringify({
        event: 'dtmf',
        streamSid,
        sequenceNumber: String(nextSequence()),
        dtmf: { track: 'inbound_track', digit },
      }),
    stop: () =>
      JSON.stringify({
        event: 'stop',
        sequenceNumber: String(nextSequence()),
        streamSid,
        stop: { accountSid: account.sid, callSid },
      }),
  }
}

/** What the bridge says on a media stream. */
export type BridgeMessage =
  | { readonly event: 'media'; readonly payload: string }
  | { readonly event: 'mark'; readonly name: string }
  | { readonly event: 'clear' }
  /** Nothing that Twilio would take. */
  | { readonly event: 'invalid' }

const mediaBefore = Buffer.from('{"event":"media","streamSid":"')
const mediaBehindSid = Buffer.from('","media":{"payload":"')
const mediaAfter = Buffer.from('"}}')
const payloadFrom = mediaBefore.length + sidBytes + mediaBehindSid.length

/**
 * Finds the payload of a media message that has the usual form byte for byte, without making anything of it.
 *
 * @returns where it begins; -1 for everything else, which `readBridge` may still understand. Whether what lies there is
 * the very chunk that belongs there is left to who compares it
 */
export function findPayload(row: number, payloadBytes: number, bytes: Buffer, from: number, to: number): number {
  if (to - from !== payloadFrom + payloadBytes + mediaAfter.length) return -1
  const sidFrom = from + mediaBefore.length
  const sidTo = sidFrom + sidBytes
  const at = from + payloadFrom
  return bytes.compare(mediaBefore, 0, mediaBefore.length, from, sidFrom) === 0 &&
    bytes.compare(sids, row, row + sidBytes, sidFrom, sidTo) === 0 &&
    bytes.compare(mediaBehindSid, 0, mediaBehindSid.length, sidTo, at) === 0 &&
    bytes.compare(mediaAfter, 0, mediaAfter.length, at + payloadBytes, to) === 0
    ? at
    : -1
}

/** Reads what comes on a stream, in any form of JSON. */
export function readBridge(text: string, streamSid: string): BridgeMessage {
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return { event: 'invalid' }
  }
  if (!isFields(message) || message['streamSid'] !== streamSid) return { event: 'invalid' }
  const { event, media, mark } = message
  if (event === 'media' && isFields(media) && typeof media['payload'] === 'string')
    return { event, payload: media['payload'] }
  if (event === 'mark' && isFields(mark) && typeof mark['name'] === 'string') return { event, name: mark['name'] }
  return event === 'clear' ? { event } : { event: 'invalid' }
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
