import { createHash } from 'node:crypto'
import { asBridgeError, BridgeError } from '../errors.ts'
import type { Allowance } from './allowance.ts'
import { destination } from './destination.ts'
import type { DialRequest } from './dialler.ts'
import type { LiveCall } from './live-call.ts'
import { phoneNumber } from './phone-number.ts'
import type { RecordFacts } from './recorder.ts'
import type { CallRecord, CallRecords } from './records.ts'

/** A call as somebody asks for it. */
export interface PlaceRequest {
  /** As a person writes it, with the country code. */
  readonly to: string
  /** One of our numbers; default: TWILIO_FROM_NUMBER. */
  readonly from?: string | undefined
  /** What to say: short for the flow `notify` with the parameter `message`. */
  readonly message?: string | undefined
  /** What a mailbox is told instead, after its beep: short for the parameter `voicemail`. */
  readonly voicemail?: string | undefined
  readonly flow?: string | undefined
  readonly parameters?: Readonly<Record<string, string>> | undefined
  /** The id of a voice of the speech provider, for this call. */
  readonly voice?: string | undefined
  /** How long the phone may ring. */
  readonly timeoutMs?: number | undefined
  readonly keepAudio?: boolean
  /** A second request of this key gets the call of the first. */
  readonly idempotencyKey?: string | undefined
}

export interface PlacedCall {
  readonly callId: string
  /** Undefined for a repeated request whose call is over, or another process's. */
  readonly call: LiveCall | undefined
  readonly record: CallRecord
  /** The request had come before; nobody was dialled again. */
  readonly repeated: boolean
}

export interface PlacingDeps {
  readonly records: CallRecords
  readonly allowance: Allowance
  readonly now: () => number
  /** Where the flows are, with the parameters each speaks as they are. */
  readonly flows: ReadonlyMap<
    string,
    {
      readonly spoken: readonly string[]
      readonly alsoSpoken?: readonly string[]
      readonly whyNot?: (parameters: Readonly<Record<string, string>>) => string | undefined
    }
  >
  readonly allowedCountries: readonly string[]
  readonly defaults: { readonly from: string | undefined; readonly ringMs: number; readonly detectVoicemail: boolean }
  /** Why the speech provider cannot speak this, or not with this voice. */
  readonly whyNotSpoken: (text: string) => BridgeError | undefined
  readonly whyNotVoice: (voice: string) => BridgeError | undefined
  /** Why no call at all may begin now: too much to do, a shutdown. */
  readonly whyNotNow: () => BridgeError | undefined
  readonly callsUnderWay: () => number
  readonly liveCall: (callId: string) => LiveCall | undefined
  readonly dial: (request: DialRequest, flow: string, facts: RecordFacts) => LiveCall
}

/**
 * The one way to place a call, for the API and every script: look whether the request came before, check all of it,
 * then record and dial. It is synchronous, so that of two requests at once the second finds the first one's record.
 *
 * @throws BridgeError `request.key-reused`, `number.invalid`, `destination.…`, `text.…`, `flow.unknown`,
 *   `voice.invalid`, `limit.…`, `server.overloaded`, `server.draining`, `tunnel.lost`; nobody was dialled then
 */
export function placeCall(request: PlaceRequest, deps: PlacingDeps): PlacedCall {
  const { records, allowance } = deps
  const { idempotencyKey } = request
  const requestDigest = idempotencyKey === undefined ? null : digestOf(request)
  const before = idempotencyKey === undefined ? undefined : records.byIdempotencyKey(idempotencyKey)
  if (before) {
    if (before.requestDigest !== requestDigest) throw keyReused()
    return { callId: before.callId, call: deps.liveCall(before.callId), record: before, repeated: true }
  }

  const flow = request.flow ?? 'notify'
  const order = check(request, flow, deps)
  const nowMs = deps.now()
  const refusal = deps.whyNotNow() ?? allowance.refusal(order.to, { nowMs, underWay: deps.callsUnderWay() })
  if (refusal) throw refusal
  allowance.placed(order.to, nowMs)

  const facts = { to: order.to, from: order.from, flow, idempotencyKey: idempotencyKey ?? null, requestDigest }
  const call = deps.dial(order, flow, facts)
  const record = records.find(call.callId)
  if (!record) throw new BridgeError('internal', 'A call was dialled without a record.')
  return { callId: call.callId, call, record, repeated: false }
}

/** Why a request would be refused now; undefined: it would not. Places nothing. */
export function whyNotPlaced(request: PlaceRequest, deps: PlacingDeps): BridgeError | undefined {
  const { idempotencyKey } = request
  const before = idempotencyKey === undefined ? undefined : deps.records.byIdempotencyKey(idempotencyKey)
  if (before) return before.requestDigest === digestOf(request) ? undefined : keyReused()
  try {
    const { to } = check(request, request.flow ?? 'notify', deps)
    return deps.whyNotNow() ?? deps.allowance.refusal(to, { nowMs: deps.now(), underWay: deps.callsUnderWay() })
  } catch (thrown) {
    return asBridgeError(thrown)
  }
}

function check(request: PlaceRequest, flow: string, deps: PlacingDeps): DialRequest {
  const { defaults } = deps
  const to = destination(request.to, deps.allowedCountries)
  const from = phoneNumber(request.from ?? defaults.from ?? '', 'the number to call from (TWILIO_FROM_NUMBER)')
  const named = deps.flows.get(flow)
  if (!named) {
    const names = [...deps.flows.keys()].join(', ')
    throw new BridgeError('flow.unknown', `Expected the name of a flow (${names}).`)
  }
  const parameters: Readonly<Record<string, string>> = {
    ...request.parameters,
    ...(request.message === undefined ? {} : { message: request.message }),
    ...(request.voicemail === undefined ? {} : { voicemail: request.voicemail }),
  }
  const wrong = named.whyNot?.(parameters)
  if (wrong !== undefined) throw new BridgeError('request.invalid', wrong)
  const also = (named.alsoSpoken ?? []).filter((name) => parameters[name] !== undefined)
  for (const name of [...named.spoken, ...also]) {
    const problem = deps.whyNotSpoken(parameters[name] ?? '')
    if (problem) throw problem
  }
  // Who has something for a mailbox wants to know whether it is one.
  const awaitBeep = parameters['voicemail'] !== undefined
  const problem = request.voice === undefined ? undefined : deps.whyNotVoice(request.voice)
  if (problem) throw problem
  return {
    to,
    from,
    parameters,
    ...(request.voice === undefined ? {} : { voice: { voice: request.voice } }),
    ringMs: request.timeoutMs ?? defaults.ringMs,
    detectVoicemail: defaults.detectVoicemail || awaitBeep,
    awaitBeep,
    keepAudio: request.keepAudio ?? false,
  }
}

/** The same for two requests that say the same, in whatever order. */
function digestOf(request: PlaceRequest): string {
  const { to, from, message, flow, parameters, voice, timeoutMs, voicemail } = request
  // Behind the others, and only where it is given: digests of former versions stay what they were.
  const more = voicemail === undefined ? [] : [voicemail]
  const named = Object.entries(parameters ?? {}).sort(([one], [other]) => (one < other ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([to, from, message, flow, named, voice, timeoutMs, ...more]))
    .digest('hex')
}

function keyReused(): BridgeError {
  return new BridgeError(
    'request.key-reused',
    'A request with this idempotency key came before and said something else. Use a new key for a new call.',
  )
}
