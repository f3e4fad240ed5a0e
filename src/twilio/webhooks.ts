import { parseAnsweredBy, type AnsweredBy } from './answered-by.ts'
import { isAccountSid, isCallSid, isStreamSid } from './sids.ts'
import { isCallStatus, type CallStatus } from './statuses.ts'

/** A form body as it was received. Twilio sends every field once, and unset ones as empty strings. */
export type FormBody = Readonly<Record<string, string | readonly string[] | undefined>>

/** Says which field was expected to be what, never what it held. */
export interface MalformedWebhook {
  kind: 'malformed'
  problem: string
}

/** Twilio asks what to do with a call (Twilio docs, TwiML request parameters). Holds phone numbers: not for logs. */
export interface VoiceWebhook {
  kind: 'voice'
  callSid: string
  accountSid: string
  from: string
  to: string
  direction: 'inbound' | 'outbound'
  status: CallStatus
  /** Only after synchronous answering machine detection. */
  answeredBy?: AnsweredBy
}

/** A call moved on, or is said to have: late, twice and out of order (Twilio docs, Call resource). */
export interface StatusCallback {
  kind: 'status'
  callSid: string
  accountSid: string
  status: CallStatus
  /** Counts from 0 within the call; with the sid it names the event, so that a repeated one can be told. */
  sequenceNumber?: number
  /** Terminal events only. */
  durationS?: number
  /** Terminal events only: 487 after ringing out, 404 for a number that is not reachable. */
  sipResponseCode?: number
  answeredBy?: AnsweredBy
  timestampMs?: number
}

/** The verdict of asynchronous answering machine detection. */
export interface AmdCallback {
  kind: 'amd'
  callSid: string
  accountSid: string
  answeredBy: AnsweredBy
  detectionMs?: number
}

/** What became of a media stream (Twilio docs, `<Stream>` statusCallback). */
export interface StreamStatus {
  kind: 'stream-status'
  callSid: string
  accountSid: string
  streamSid: string
  event: 'stream-started' | 'stream-stopped' | 'stream-error'
  /** Twilio's code, where `StreamError` holds one; `streamErrorInWords` explains it. */
  errorCode?: number
  /** `StreamError` as sent, at most 200 characters. */
  error?: string
  timestampMs?: number
}

/** The `<Connect action>`: the media websocket is closed and Twilio asks what comes next. */
export interface StreamEnded {
  kind: 'stream-ended'
  callSid: string
  accountSid: string
  status: CallStatus
}

/** The `<Dial action>`: what became of the call to another number. After a `<Redirect>` it tells nothing of it. */
export interface DialEnded {
  kind: 'dial-ended'
  callSid: string
  accountSid: string
  ended?: 'answered' | 'busy' | 'no-answer' | 'failed' | 'cancelled'
  /** How long the two were connected. */
  durationS?: number
}

/** Reads a request for TwiML. Never throws; a number that was withheld is `''`. */
export function parseVoiceWebhook(body: FormBody): VoiceWebhook | MalformedWebhook {
  const call = parseCall(body)
  if ('problem' in call) return call
  const status = text(body, 'CallStatus')
  if (!isCallStatus(status)) return malformed('CallStatus', 'a known status')
  const answeredBy = parseAnsweredBy(text(body, 'AnsweredBy'))
  return {
    kind: 'voice',
    ...call,
    from: text(body, 'From') ?? '',
    to: text(body, 'To') ?? '',
    direction: text(body, 'Direction') === 'inbound' ? 'inbound' : 'outbound',
    status,
    ...(answeredBy === undefined ? {} : { answeredBy }),
  }
}

/** Reads a status callback. Never throws; optional fields of another form are left out. */
export function parseStatusCallback(body: FormBody): StatusCallback | MalformedWebhook {
  const call = parseCall(body)
  if ('problem' in call) return call
  const status = text(body, 'CallStatus')
  if (!isCallStatus(status)) return malformed('CallStatus', 'a known status')
  return {
    kind: 'status',
    ...call,
    status,
    ...present({
      sequenceNumber: count(body, 'SequenceNumber'),
      // `Duration` counts begun minutes.
      durationS: count(body, 'CallDuration'),
      sipResponseCode: count(body, 'SipResponseCode'),
      answeredBy: parseAnsweredBy(text(body, 'AnsweredBy')),
      timestampMs: time(body, 'Timestamp'),
    }),
  }
}

/** Reads a verdict of answering machine detection. Never throws. */
export function parseAmdCallback(body: FormBody): AmdCallback | MalformedWebhook {
  const call = parseCall(body)
  if ('problem' in call) return call
  const answeredBy = parseAnsweredBy(text(body, 'AnsweredBy'))
  if (answeredBy === undefined) return malformed('AnsweredBy', 'a known verdict')
  return { kind: 'amd', ...call, answeredBy, ...present({ detectionMs: count(body, 'MachineDetectionDuration') }) }
}

/** Reads a stream status callback. Never throws. */
export function parseStreamStatus(body: FormBody): StreamStatus | MalformedWebhook {
  const call = parseCall(body)
  if ('problem' in call) return call
  const streamSid = text(body, 'StreamSid')
  if (!isStreamSid(streamSid)) return malformed('StreamSid', 'MZ and 32 hexadecimal digits')
  const event = text(body, 'StreamEvent')
  if (event !== 'stream-started' && event !== 'stream-stopped' && event !== 'stream-error')
    return malformed('StreamEvent', 'stream-started, stream-stopped or stream-error')
  const error = text(body, 'StreamError')
  const code = error === undefined ? undefined : /\b3[12]\d{3}\b/.exec(error)?.[0]
  return {
    kind: 'stream-status',
    ...call,
    streamSid,
    event,
    ...present({
      errorCode: code === undefined ? undefined : Number(code),
      error: error?.slice(0, 200),
      timestampMs: time(body, 'Timestamp'),
    }),
  }
}

/** Reads the request that follows a closed media stream. Never throws. */
export function parseStreamEnded(body: FormBody): StreamEnded | MalformedWebhook {
  const call = parseCall(body)
  if ('problem' in call) return call
  const status = text(body, 'CallStatus')
  if (!isCallStatus(status)) return malformed('CallStatus', 'a known status')
  return { kind: 'stream-ended', ...call, status }
}

const dialEnds: Readonly<Record<string, NonNullable<DialEnded['ended']>>> = {
  completed: 'answered',
  answered: 'answered',
  busy: 'busy',
  'no-answer': 'no-answer',
  failed: 'failed',
  canceled: 'cancelled',
}

/** Reads the request that follows a `<Dial>`. Never throws; a state of the other call that is unknown is `failed`. */
export function parseDialEnded(body: FormBody): DialEnded | MalformedWebhook {
  const call = parseCall(body)
  if ('problem' in call) return call
  const status = text(body, 'DialCallStatus')
  const known = status !== undefined && Object.hasOwn(dialEnds, status) ? dialEnds[status] : undefined
  const ended = status === undefined ? undefined : (known ?? 'failed')
  return { kind: 'dial-ended', ...call, ...present({ ended, durationS: count(body, 'DialCallDuration') }) }
}

function parseCall(body: FormBody): { callSid: string; accountSid: string } | MalformedWebhook {
  const callSid = text(body, 'CallSid')
  if (!isCallSid(callSid)) return malformed('CallSid', 'CA and 32 hexadecimal digits')
  const accountSid = text(body, 'AccountSid')
  if (!isAccountSid(accountSid)) return malformed('AccountSid', 'AC and 32 hexadecimal digits')
  return { callSid, accountSid }
}

/** A field that is there, sent once, and not empty. */
function text(body: FormBody, name: string): string | undefined {
  const value = body[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function count(body: FormBody, name: string): number | undefined {
  const value = text(body, name)
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined
}

/** RFC 2822 in call events, ISO 8601 with nanoseconds in stream events. */
function time(body: FormBody, name: string): number | undefined {
  const ms = Date.parse(text(body, name) ?? '')
  return Number.isNaN(ms) ? undefined : ms
}

function malformed(field: string, what: string): MalformedWebhook {
  return { kind: 'malformed', problem: `${field}: expected ${what}` }
}

/** Without the fields that are undefined. */
function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept: { [K in keyof T]?: Exclude<T[K], undefined> } = { ...fields }
  for (const name in kept) if (kept[name] === undefined) delete kept[name]
  return kept
}
