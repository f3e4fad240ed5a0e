import { BridgeError } from '../errors.ts'
import type { Clock } from '../ops/clock.ts'
import type { Log } from '../ops/logger.ts'
import type { AnsweredBy } from './answered-by.ts'
import { createCall, type CreateCallOptions, type CreateCallRequest, type CreatedCall } from './create-call.ts'
import { rejectedByTwilio } from './errors.ts'
import { findLostCall, type LostCreate } from './reconcile.ts'
import { createRestClient, type TwilioRestSettings } from './rest-client.ts'
import { classifyFailure } from './rest-failure.ts'
import { pause, retryWaitsMs } from './retry.ts'
import { isCallSid } from './sids.ts'
import type { CallStatus } from './statuses.ts'

export interface TwilioRest {
  /**
   * Dials, at most once: an answer that was lost is reconciled with Twilio's list of calls, which takes some 6 s.
   * Calls between the same two numbers are created one after the other, so that none is taken for another.
   * @throws BridgeError `twilio.rejected` with `details.twilioCode`, `twilio.unreachable` (not dialled),
   * `twilio.create-unknown` (perhaps dialled), `number.invalid`, `call.ended` after an abort
   */
  createCall(request: CreateCallRequest, options: CreateCallOptions): Promise<CreatedCall>
  /** Hangs up, whether the call is queued, ringing or in progress. @throws BridgeError `twilio.rejected`, `twilio.unreachable` */
  endCall(callSid: string): Promise<'ended' | 'already-over'>
  /** What the API says, which lags behind. @throws BridgeError as `endCall`, and `call.not-found` */
  fetchCall(callSid: string): Promise<{ status: CallStatus; answeredBy?: AnsweredBy; durationS?: number }>
  /**
   * The calls that a create request of an earlier process may have made, newest first. Takes some 6 s where there is
   * none. @throws BridgeError `twilio.unreachable` when the list could not be read
   */
  findCalls(lost: Omit<LostCreate, 'earlyCallSid'>): Promise<readonly string[]>
  /**
   * Makes `voiceUrl` the voice webhook of a number of ours (POST).
   * @throws BridgeError `config.invalid` when the account has no such number, and as `endCall`
   */
  pointNumber(number: string, voiceUrl: string): Promise<void>
}

/** How long a call that Twilio confirmed may be missing from its reads, and is remembered as ours. */
const recentMs = 60_000

/**
 * The calls of one Twilio account, through the official client.
 * @throws BridgeError `config.invalid`
 */
export function createTwilioRest(
  settings: TwilioRestSettings,
  deps: { clock: Clock; log?: Log | undefined },
): TwilioRest {
  const { clock, log } = deps
  const client = createRestClient(settings)
  const createdAtMs = new Map<string, number>()
  const turns = new Map<string, Promise<unknown>>()

  function remember(callSid: string): void {
    for (const [sid, atMs] of createdAtMs) if (atMs < clock.now() - recentMs) createdAtMs.delete(sid)
    createdAtMs.set(callSid, clock.now())
  }

  async function inTurn<T>(pair: string, work: () => Promise<T>): Promise<T> {
    const turn = (turns.get(pair) ?? Promise.resolve()).then(work, work)
    turns.set(pair, turn)
    try {
      return await turn
    } finally {
      if (turns.get(pair) === turn) turns.delete(pair)
    }
  }

  /** Sends a request that does no harm when it is sent twice. */
  async function insist<T>(callSid: string, send: () => Promise<T>): Promise<T | 'gone' | 'not-in-progress'> {
    if (!isCallSid(callSid)) throw notFound()
    for (let attempt = 0; ; attempt++) {
      const waitMs = retryWaitsMs[attempt]
      try {
        return await send()
      } catch (thrown) {
        if (thrown instanceof BridgeError) throw thrown
        const failure = classifyFailure(thrown)
        if (failure.kind === 'refused') {
          if (failure.twilioCode === 21220) return 'not-in-progress'
          const isGone = failure.twilioCode === 20404 || failure.httpStatus === 404
          if (!isGone) throw rejectedByTwilio(failure)
          // A call that is this young may simply not be readable yet.
          if (!createdAtMs.has(callSid) || waitMs === undefined) return 'gone'
        } else if (waitMs === undefined) throw noAnswer(failure.reason, callSid)
      }
      await pause(clock, waitMs ?? 0)
    }
  }

  async function endCall(callSid: string): Promise<'ended' | 'already-over'> {
    const result = await insist(callSid, () => client.complete(callSid))
    return result === undefined ? 'ended' : 'already-over'
  }

  return {
    endCall,
    createCall(request, options) {
      const isKnownCall = (callSid: string) => createdAtMs.has(callSid) || options.isKnownCall(callSid)
      return inTurn(`${request.from} ${request.to}`, () =>
        createCall(request, { ...options, isKnownCall }, { client, clock, log, endCall, remember }),
      )
    },
    async findCalls(lost) {
      const isKnown = (callSid: string) => createdAtMs.has(callSid) || lost.isKnown(callSid)
      // In turn, so that a call that is being created now is not taken for the lost one.
      const result = await inTurn(`${lost.from} ${lost.to}`, () =>
        findLostCall(
          { ...lost, isKnown, earlyCallSid: () => undefined },
          { clock, newest: (to, from) => client.newest(to, from) },
        ),
      )
      if (result.kind === 'found') return [result.call, ...result.others].map((call) => call.callSid)
      if (result.kind === 'not-found' && result.failedLooks === result.looks) throw noList()
      return []
    },
    async pointNumber(number, voiceUrl) {
      try {
        if (await client.pointNumber(number, voiceUrl)) return
      } catch (thrown) {
        if (thrown instanceof BridgeError) throw thrown
        const failure = classifyFailure(thrown)
        if (failure.kind === 'refused') throw rejectedByTwilio(failure)
        throw unusable(failure.reason)
      }
      throw notOurs()
    },
    async fetchCall(callSid) {
      const record = await insist(callSid, () => client.fetch(callSid))
      if (typeof record === 'string') throw notFound()
      const { status, answeredBy, durationS } = record
      return {
        status,
        ...(answeredBy === undefined ? {} : { answeredBy }),
        ...(durationS === undefined ? {} : { durationS }),
      }
    },
  }
}

function noAnswer(reason: string, callSid: string): BridgeError {
  return new BridgeError(
    'twilio.unreachable',
    `Twilio's API gave no usable answer about a call, three times over (${reason}). Check the connection to the internet.`,
    { details: { reason, callSid } },
  )
}

function unusable(reason: string): BridgeError {
  return new BridgeError('twilio.unreachable', `Twilio's API gave no usable answer about our number (${reason}).`, {
    details: { reason },
  })
}

function notOurs(): BridgeError {
  return new BridgeError(
    'config.invalid',
    'TWILIO_FROM_NUMBER is no number of this Twilio account, so its webhook cannot be set (CONFIGURE_NUMBER=on).',
  )
}

function noList(): BridgeError {
  return new BridgeError(
    'twilio.unreachable',
    "Twilio's list of calls could not be read. Check the connection to the internet.",
  )
}

function notFound(): BridgeError {
  return new BridgeError('call.not-found', 'Twilio knows no call of this name.')
}
