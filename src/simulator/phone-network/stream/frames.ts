/**
 * The network's own encoder of what Twilio sends on a media stream (Twilio docs, Media Streams WebSocket messages;
 * live captures). Numbers in `sequenceNumber`, `chunk` and `timestamp` are strings on the wire.
 */
export interface FrameStyle {
  readonly connectedVersion: string
  readonly customParameters: 'as-given' | 'empty' | 'absent'
  readonly mediaFormat: 'given' | 'absent' | 'null'
  readonly extraFields: boolean
  readonly keyOrder: 'documented' | 'reversed'
}

export interface StreamIdentity {
  readonly streamSid: string
  readonly accountSid: string
  readonly callSid: string
  readonly tracks: readonly ('inbound' | 'outbound')[]
  readonly parameters: Readonly<Record<string, string>>
}

type Fields = Record<string, unknown>

function styled(fields: Fields, style: FrameStyle): Fields {
  const all: Fields = style.extraFields ? { ...fields, futureField: { since: 'tomorrow' } } : fields
  return style.keyOrder === 'reversed' ? Object.fromEntries(Object.entries(all).toReversed()) : all
}

function text(fields: Fields, style: FrameStyle): string {
  return JSON.stringify(styled(fields, style))
}

/** First message. Without `streamSid` and `sequenceNumber`. */
export function connectedFrame(style: FrameStyle): string {
  return text({ event: 'connected', protocol: 'Call', version: style.connectedVersion }, style)
}

export function startFrame(sequenceNumber: number, stream: StreamIdentity, style: FrameStyle): string {
  const start: Fields = {
    accountSid: stream.accountSid,
    streamSid: stream.streamSid,
    callSid: stream.callSid,
    tracks: stream.tracks,
  }
  if (style.mediaFormat === 'given') start['mediaFormat'] = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 }
  if (style.mediaFormat === 'null') start['mediaFormat'] = null
  if (style.customParameters === 'as-given') start['customParameters'] = stream.parameters
  if (style.customParameters === 'empty') start['customParameters'] = {}
  return text(
    {
      event: 'start',
      sequenceNumber: String(sequenceNumber),
      start: styled(start, style),
      streamSid: stream.streamSid,
    },
    style,
  )
}

export interface MediaFrame {
  readonly sequenceNumber: number
  readonly chunk: number
  /** Milliseconds since the start of the stream. */
  readonly timestampMs: number
  readonly track: 'inbound' | 'outbound'
  /** 160 bytes of mu-law as base64. */
  readonly payload: string
}

export function mediaFrame(streamSid: string, frame: MediaFrame, style: FrameStyle): string {
  const media = {
    track: frame.track,
    chunk: String(frame.chunk),
    timestamp: String(frame.timestampMs),
    payload: frame.payload,
  }
  const sequenceNumber = String(frame.sequenceNumber)
  return text({ event: 'media', sequenceNumber, media: styled(media, style), streamSid }, style)
}

/** The track of a key is spelled `inbound_track`, unlike in `media`. */
export function dtmfFrame(streamSid: string, sequenceNumber: number, digit: string, style: FrameStyle): string {
  const dtmf = styled({ track: 'inbound_track', digit }, style)
  return text({ event: 'dtmf', streamSid, sequenceNumber: String(sequenceNumber), dtmf }, style)
}

export function markFrame(streamSid: string, sequenceNumber: number, name: string, style: FrameStyle): string {
  return text(
    { event: 'mark', sequenceNumber: String(sequenceNumber), streamSid, mark: styled({ name }, style) },
    style,
  )
}

export function stopFrame(stream: StreamIdentity, sequenceNumber: number, style: FrameStyle): string {
  const stop = styled({ accountSid: stream.accountSid, callSid: stream.callSid }, style)
  return text({ event: 'stop', sequenceNumber: String(sequenceNumber), streamSid: stream.streamSid, stop }, style)
}
