import { account } from './identity.ts'

/** What Twilio sends on a media stream (Twilio docs, Media Streams WebSocket messages). Counters are strings. Pure. */
export interface PhoneFrames {
  readonly connected: string
  start(parameters: Readonly<Record<string, string>>): string
  media(payload: string): string
  mark(name: string): string
  dtmf(digit: string): string
  stop(): string
}

const frameMs = 20
/** The first timestamps of real streams lie between 57 and 171. */
const firstTimestampMs = 97

export function createPhoneFrames(streamSid: string, callSid: string): PhoneFrames {
  let sequence = 0
  let chunk = 0
  const end = `},"streamSid":"${streamSid}"}`
  return {
    connected: JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }),
    start: (customParameters) =>
      JSON.stringify({
        event: 'start',
        sequenceNumber: String(++sequence),
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
    media(payload) {
      const timestamp = firstTimestampMs + chunk++ * frameMs
      return `{"event":"media","sequenceNumber":"${++sequence}","media":{"track":"inbound","chunk":"${chunk}","timestamp":"${timestamp}","payload":"${payload}"${end}`
    },
    mark: (name) => JSON.stringify({ event: 'mark', streamSid, sequenceNumber: String(++sequence), mark: { name } }),
    dtmf: (digit) =>
      JSON.stringify({
        event: 'dtmf',
        streamSid,
        sequenceNumber: String(++sequence),
        dtmf: { track: 'inbound_track', digit },
      }),
    stop: () =>
      JSON.stringify({
        event: 'stop',
        sequenceNumber: String(++sequence),
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

/** Reads what comes, for one stream. */
export function createBridgeReader(streamSid: string): (text: string) => BridgeMessage {
  const before = `{"event":"media","streamSid":"${streamSid}","media":{"payload":"`
  const after = '"}}'
  return (text) => {
    // The usual form, without a parse.
    if (text.startsWith(before) && text.endsWith(after) && text.indexOf('"', before.length) === text.length - 3)
      return { event: 'media', payload: text.slice(before.length, -after.length) }
    return readOther(text, streamSid)
  }
}

function readOther(text: string, streamSid: string): BridgeMessage {
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
