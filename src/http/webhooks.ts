import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { LiveCall } from '../call/live-call.ts'
import type { CallRegistry } from '../call/registry.ts'
import { BridgeError } from '../errors.ts'
import { streamErrorInWords } from '../twilio/errors.ts'
import { isTerminal } from '../twilio/statuses.ts'
import { dialNumber, hangUp, sayAndAsk } from '../twilio/twiml.ts'
import {
  parseAmdCallback,
  parseDialEnded,
  parseStatusCallback,
  parseStreamEnded,
  parseStreamStatus,
  parseVoiceWebhook,
  type VoiceWebhook,
} from '../twilio/webhooks.ts'
import { formOf } from './guard.ts'
import { dialEndedUrl, paths, streamEndedUrl } from './paths.ts'
import type { Refusals } from './refusals.ts'
import { streamTwiml } from './telephony.ts'

export interface TurnedAway {
  readonly why: 'draining' | 'overloaded'
  readonly twiml: string
}

export interface WebhookDeps {
  readonly registry: CallRegistry
  readonly publicUrl: () => string
  /** Somebody calls us: makes the call and lets its flow begin. */
  readonly answer: (inbound: VoiceWebhook) => LiveCall
  /** Ends a call at Twilio that nobody conducts. */
  readonly endStray: (callSid: string) => void
  /** While new calls are not taken: what a caller gets instead of an answer. */
  readonly turnAway: () => TurnedAway | undefined
  /** Of what Twilio says itself. */
  readonly language: string | undefined
  readonly refusals: Refusals
}

/** Twilio's webhooks. Each may come late, twice, out of order or for a call we no longer know: then nothing happens. */
export function webhookRoutes(server: FastifyInstance, deps: WebhookDeps): void {
  const { registry, publicUrl } = deps

  function callOf(request: FastifyRequest, callSid: string): LiveCall | undefined {
    const { callId } = queryOf(request)
    const call = callId === undefined ? registry.byCallSid(callSid) : registry.byCallId(callId)
    if (!call && callId !== undefined && registry.isDisowned(callId)) deps.endStray(callSid)
    // A callback may be the first to tell the id that Twilio gave the call.
    call?.placed(callSid)
    return call?.callSid === callSid ? call : undefined
  }

  function refuseForm(request: FastifyRequest, reply: FastifyReply, problem: string): FastifyReply {
    if (deps.refusals.count('malformed-webhook')) request.log.warn({ problem }, 'webhook of an unknown form')
    return reply.code(400).send({ error: problem })
  }

  server.post(paths.voice, async (request, reply) => {
    const webhook = parseVoiceWebhook(formOf(request))
    if (webhook.kind === 'malformed') return refuseForm(request, reply, webhook.problem)
    const known = callOf(request, webhook.callSid)
    // A status callback that leads here by mistake tells of calls that are over.
    const begins = webhook.direction === 'inbound' && !isTerminal(webhook.status)
    if (!known && !begins) return twiml(reply, hangUp())
    const away = known ? undefined : deps.turnAway()
    if (away !== undefined) {
      deps.refusals.count(away.why)
      return twiml(reply, away.twiml)
    }
    return twiml(reply, streamTwiml(publicUrl(), known ?? deps.answer(webhook)))
  })

  server.post(paths.status, async (request, reply) => {
    const callback = parseStatusCallback(formOf(request))
    if (callback.kind === 'malformed') return refuseForm(request, reply, callback.problem)
    const call = callOf(request, callback.callSid)
    if (callback.answeredBy !== undefined) call?.answeredBy(callback.answeredBy)
    call?.status(callback.status)
    return reply.code(204).send()
  })

  server.post(paths.amd, async (request, reply) => {
    const callback = parseAmdCallback(formOf(request))
    if (callback.kind === 'malformed') return refuseForm(request, reply, callback.problem)
    callOf(request, callback.callSid)?.answeredBy(callback.answeredBy)
    return reply.code(204).send()
  })

  server.post(paths.streamStatus, async (request, reply) => {
    const callback = parseStreamStatus(formOf(request))
    if (callback.kind === 'malformed') return refuseForm(request, reply, callback.problem)
    if (callback.event === 'stream-error') {
      const { callSid, errorCode } = callback
      request.log.warn({ callSid, twilioCode: errorCode }, 'Twilio reports a stream error')
      const call = callOf(request, callSid)
      // Of a stream that is open the socket itself tells more, and some errors are mere warnings.
      if (call && !call.streamed) call.end('stream-never-opened', neverOpened(errorCode))
    }
    return reply.code(204).send()
  })

  // The stream is over. Nothing more is to be done, unless another number is to be connected, or no speech provider could
  // go on: then Twilio says the rest.
  server.post(paths.streamEnded, async (request, reply) => {
    const ended = parseStreamEnded(formOf(request))
    if (ended.kind === 'malformed') return refuseForm(request, reply, ended.problem)
    const call = callOf(request, ended.callSid)
    const order = call?.transferring?.next()
    if (call && order) {
      const actionUrl = dialEndedUrl(publicUrl(), call.callId)
      return twiml(reply, dialNumber({ ...order, timeoutS: Math.ceil(order.timeoutMs / 1000), actionUrl }))
    }
    const index = partOf(request)
    const part = call?.partForTwilio(index)
    if (!call || !part) return twiml(reply, hangUp())
    return twiml(reply, sayAndAsk(part, streamEndedUrl(publicUrl(), call.callId, index + 1), deps.language))
  })

  server.post(paths.dialEnded, async (request, reply) => {
    const told = parseDialEnded(formOf(request))
    if (told.kind === 'malformed') return refuseForm(request, reply, told.problem)
    const call = callOf(request, told.callSid)
    const transfer = call?.transferring
    if (!call || !transfer) return twiml(reply, hangUp())
    if (queryOf(request).said !== undefined) {
      transfer.said()
      return twiml(reply, hangUp())
    }
    const { ended = 'failed', durationS = 0 } = told
    const otherwise = transfer.dialled({ ended, durationMs: durationS * 1000 })
    if (otherwise === undefined) return twiml(reply, hangUp())
    return twiml(reply, sayAndAsk([otherwise], dialEndedUrl(publicUrl(), call.callId, true), deps.language))
  })
}

function neverOpened(errorCode: number | undefined): BridgeError {
  const words = errorCode === undefined ? 'Twilio could not open the media stream.' : streamErrorInWords(errorCode)
  return new BridgeError('stream.unreachable', words, { details: { twilioCode: errorCode ?? null } })
}

/** Which part of what is left Twilio asks for. */
function partOf({ query }: FastifyRequest): number {
  const part = typeof query === 'object' && query !== null && 'part' in query ? query.part : undefined
  return typeof part === 'string' && /^\d{1,4}$/.test(part) ? Number(part) : 0
}

function queryOf({ query }: FastifyRequest): { callId?: string; said?: string } {
  if (typeof query !== 'object' || query === null) return {}
  return {
    ...('callId' in query && typeof query.callId === 'string' ? { callId: query.callId } : {}),
    ...('said' in query && typeof query.said === 'string' ? { said: query.said } : {}),
  }
}

function twiml(reply: FastifyReply, document: string): FastifyReply {
  return reply.type('text/xml; charset=utf-8').send(document)
}
