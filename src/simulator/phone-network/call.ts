import type { AnsweredBy, Detection } from './answering-machine.ts'
import type { Timer } from '../clock.ts'
import { newSid } from './identifiers.ts'
import type { Leg } from './phone/leg.ts'
import type { PhoneSet } from './phone/phone.ts'
import type { Progress } from './progress-events.ts'
import type { SimulatedStream } from './stream/simulated-stream.ts'
import type { WebhookRecord } from './webhook-record.ts'

export type CallStatus =
  | 'queued'
  | 'ringing'
  | 'in-progress'
  | 'completed'
  | 'busy'
  | 'failed'
  | 'no-answer'
  | 'canceled'

export type CallDirection = 'outbound-api' | 'inbound' | 'outbound-dial'

export function isTerminal(status: CallStatus): boolean {
  return status !== 'queued' && status !== 'ringing' && status !== 'in-progress'
}

/** A call, as a test sees it. */
export interface SimulatedCall {
  readonly sid: string
  readonly accountSid: string
  readonly parentCallSid: string | undefined
  readonly to: string
  readonly from: string
  readonly direction: CallDirection
  readonly status: CallStatus
  /** Every status it had; `initiated` is known to status callbacks only. */
  readonly statusHistory: readonly { readonly status: CallStatus | 'initiated'; readonly atMs: number }[]
  /** What happened, in words. */
  readonly timeline: readonly { readonly atMs: number; readonly event: string }[]
  /** Every request made to the application for this call. */
  readonly requests: readonly WebhookRecord[]
  readonly streams: readonly SimulatedStream[]
  readonly answeredBy: AnsweredBy | undefined
  readonly sipResponseCode: number | undefined
  readonly createdAtMs: number
  readonly dialledAtMs: number | undefined
  readonly answeredAtMs: number | undefined
  readonly endedAtMs: number | undefined
}

/** Where the next TwiML comes from. */
export type Instructions =
  | { readonly kind: 'url'; readonly url: string; readonly method: 'GET' | 'POST' }
  | { readonly kind: 'inline'; readonly twiml: string }

export interface CallOptions {
  readonly instructions: Instructions | undefined
  readonly fallback: { readonly url: string; readonly method: 'GET' | 'POST' } | undefined
  readonly timeoutMs: number
  readonly timeLimitMs: number
  readonly sendDigits: string | undefined
  readonly detection: Detection | undefined
  /** Undefined: the verdict is awaited before the TwiML is fetched. */
  readonly asyncDetection: { readonly url: string | undefined; readonly method: 'GET' | 'POST' } | undefined
}

/** A call, as the network works on it. */
export interface Call extends SimulatedCall {
  status: CallStatus
  readonly statusHistory: { status: CallStatus | 'initiated'; atMs: number }[]
  readonly timeline: { atMs: number; event: string }[]
  readonly requests: WebhookRecord[]
  readonly streams: SimulatedStream[]
  answeredBy: AnsweredBy | undefined
  sipResponseCode: number | undefined
  updatedAtMs: number
  dialledAtMs: number | undefined
  answeredAtMs: number | undefined
  endedAtMs: number | undefined
  options: CallOptions
  progress: Progress | undefined
  /** Ends the call when it has lasted too long. */
  durationTimer: Timer | undefined
  phone: { readonly set: PhoneSet; readonly leg: Leg } | undefined
  /** Aborts when the call is over. */
  readonly life: AbortController
  /** Aborts when the TwiML under way is replaced, or the call is over. */
  execution: AbortController
}

export interface NewCall {
  readonly accountSid: string
  readonly to: string
  readonly from: string
  readonly direction: CallDirection
  readonly status: CallStatus
  readonly parentCallSid?: string
  readonly options: CallOptions
}

export function createCall(details: NewCall, nowMs: number): Call {
  return {
    sid: newSid('CA'),
    parentCallSid: undefined,
    ...details,
    statusHistory: [{ status: details.status, atMs: nowMs }],
    timeline: [],
    requests: [],
    streams: [],
    answeredBy: undefined,
    sipResponseCode: undefined,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    dialledAtMs: undefined,
    answeredAtMs: undefined,
    endedAtMs: undefined,
    progress: undefined,
    durationTimer: undefined,
    phone: undefined,
    life: new AbortController(),
    execution: new AbortController(),
  }
}

export function note(call: Call, atMs: number, event: string): void {
  call.timeline.push({ atMs, event })
}

export function setStatus(call: Call, status: CallStatus, atMs: number): void {
  call.status = status
  call.updatedAtMs = atMs
  call.statusHistory.push({ status, atMs })
  note(call, atMs, status)
}
