import type { CallListInstanceCreateOptions } from 'twilio/lib/rest/api/v2010/account/call.js'
import { BridgeError } from '../errors.ts'
import type { Clock } from '../ops/clock.ts'
import type { Log } from '../ops/logger.ts'
import { rejectedByTwilio } from './errors.ts'
import { findLostCall } from './reconcile.ts'
import type { RestClient } from './rest-client.ts'
import { classifyFailure, type RestFailure } from './rest-failure.ts'
import { pause, retryWaitsMs } from './retry.ts'
import type { CallStatus } from './statuses.ts'
import { inlineTwimlLimit } from './twiml.ts'

export type CreateCallRequest = {
  to: string
  from: string
  statusCallbackUrl: string
  /** Seconds of ringing, at most 600; Twilio's default is 60, and some routes add 5. */
  timeoutS?: number | undefined
  /** Seconds the call may last. */
  timeLimitS?: number | undefined
  /** Ignored by Twilio when `sendDigits` is set. */
  machineDetection?: 'Enable' | 'DetectMessageEnd' | undefined
  /** With it, detection runs while the call already speaks; without it the callee waits in silence for the verdict. */
  amdCallbackUrl?: string | undefined
  /** How long detection listens, 3 to 59; Twilio's default is 30. */
  detectionTimeoutS?: number | undefined
  sendDigits?: string | undefined
} & ({ twiml: string } | { url: string })

export interface CreateCallOptions {
  /** After an abort no call is left ringing: one that came about all the same is ended. */
  signal?: AbortSignal | undefined
  /** True for calls of ours, which therefore are not the one whose answer was lost. */
  isKnownCall(callSid: string): boolean
  /** The sid a status callback of this call has told, when it came before the answer to the create request. */
  earlyCallSid?: (() => string | undefined) | undefined
}

export interface CreatedCall {
  callSid: string
  status: CallStatus
  /** True when the answer was lost and the call was found again. */
  reconciled: boolean
}

/** Dials. Every request that may have reached Twilio is accounted for before another is sent. */
export async function createCall(
  request: CreateCallRequest,
  options: CreateCallOptions,
  deps: {
    client: RestClient
    clock: Clock
    log: Log | undefined
    endCall(callSid: string): Promise<unknown>
    /** Is told of every call that came about, before anything else is done with it. */
    remember(callSid: string): void
  },
): Promise<CreatedCall> {
  const parameters = createParameters(request)
  for (let attempt = 0; ; attempt++) {
    if (options.signal?.aborted) throw abandoned()
    const sentAtMs = deps.clock.now()
    const result = await tryCreate()
    if ('callSid' in result) return await handOver(result)
    if (result.kind === 'refused') throw rejectedByTwilio(result)
    if (result.kind === 'unknown') return await handOver(await reconcile(result.reason, sentAtMs))
    const waitMs = retryWaitsMs[attempt]
    if (waitMs === undefined) throw unreachable(result.reason)
    await pause(deps.clock, waitMs)
  }

  async function tryCreate(): Promise<CreatedCall | RestFailure> {
    try {
      const { callSid, status } = await deps.client.create(parameters)
      return { callSid, status, reconciled: false }
    } catch (thrown) {
      if (thrown instanceof BridgeError) throw thrown
      return classifyFailure(thrown)
    }
  }

  async function reconcile(reason: string, sentAtMs: number): Promise<CreatedCall> {
    deps.log?.warn({ reason }, 'Twilio did not confirm a call; looking for it')
    const result = await findLostCall(
      {
        to: request.to,
        from: request.from,
        sentAtMs,
        isKnown: (callSid) => options.isKnownCall(callSid),
        earlyCallSid: options.earlyCallSid ?? (() => undefined),
      },
      { clock: deps.clock, newest: (to, from) => deps.client.newest(to, from) },
    )
    if (result.kind === 'not-found') throw createUnknown(reason, result.looks - result.failedLooks)
    // A status callback came, so the call is under way; the next one says how far.
    if (result.kind === 'told') return { callSid: result.callSid, status: 'initiated', reconciled: true }
    for (const { callSid } of result.others) {
      deps.log?.warn({ callSid }, 'ending a second call to the same number')
      await deps.endCall(callSid).catch(() => deps.log?.warn({ callSid }, 'the second call could not be ended'))
    }
    return { callSid: result.call.callSid, status: result.call.status, reconciled: true }
  }

  async function handOver(call: CreatedCall): Promise<CreatedCall> {
    deps.remember(call.callSid)
    if (!options.signal?.aborted) return call
    await deps.endCall(call.callSid)
    throw abandoned(call.callSid)
  }
}

function createParameters(request: CreateCallRequest): CallListInstanceCreateOptions {
  const { to, from, statusCallbackUrl, timeoutS, timeLimitS, machineDetection, amdCallbackUrl, sendDigits } = request
  const { detectionTimeoutS } = request
  if (to === '' || from === '')
    throw new BridgeError('number.invalid', 'A call needs a number to call and one to call from.')
  if ('twiml' in request && request.twiml.length > inlineTwimlLimit)
    throw rejectedByTwilio({ twilioCode: 32018, httpStatus: 400 })
  return {
    to,
    from,
    ...('twiml' in request ? { twiml: request.twiml } : { url: request.url }),
    statusCallback: statusCallbackUrl,
    statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
    ...(timeoutS === undefined ? {} : { timeout: timeoutS }),
    ...(timeLimitS === undefined ? {} : { timeLimit: timeLimitS }),
    ...(sendDigits === undefined ? {} : { sendDigits }),
    ...(machineDetection === undefined ? {} : { machineDetection }),
    ...(detectionTimeoutS === undefined ? {} : { machineDetectionTimeout: detectionTimeoutS }),
    ...(machineDetection === undefined || amdCallbackUrl === undefined
      ? {}
      : { asyncAmd: 'true', asyncAmdStatusCallback: amdCallbackUrl }),
  }
}

function abandoned(callSid?: string): BridgeError {
  const details = callSid === undefined ? {} : { callSid }
  return new BridgeError('call.ended', 'Dialling was given up, and no call is left ringing.', { details })
}

function unreachable(reason: string): BridgeError {
  return new BridgeError(
    'twilio.unreachable',
    `Twilio's API cannot be reached (${reason}), so nobody was called. Check the connection to the internet, and ` +
      'TWILIO_API_URL if it is set.',
    { details: { reason } },
  )
}

function createUnknown(reason: string, looks: number): BridgeError {
  const seen = looks === 0 ? 'its list of calls could not be read either' : 'the call is not in its list of calls'
  return new BridgeError(
    'twilio.create-unknown',
    `Twilio did not confirm the call (${reason}), and ${seen}. The phone may ring all the same, so it is not dialled ` +
      'again. Look at Console, Monitor, Logs, Calls before you do.',
    { details: { reason, looks } },
  )
}
