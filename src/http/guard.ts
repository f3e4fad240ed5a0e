import type { FastifyReply, FastifyRequest } from 'fastify'
import { isSignedHandshake, isSignedJson, isSignedWebhook } from '../twilio/signature.ts'
import { isSignedTrial, trialHeader } from '../twilio/trial.ts'
import { rawJsonOf } from './json-body.ts'
import type { MediaSockets } from './media-sockets.ts'
import { paths } from './paths.ts'
import type { Refusals } from './refusals.ts'

/** Twilio sends some forty fields. Each has to be sorted before the signature can be checked, for whoever it is. */
const maxFields = 500

export interface GuardSettings {
  /** Twilio signs with the account's token; while it is rotated, two are accepted. */
  readonly authTokens: readonly string[]
  /**
   * The addresses that Twilio was given: the present one, and former ones that calls under way were created with.
   * Never rebuilt from Host or forwarded headers, which anybody can send.
   */
  readonly publicUrls: () => readonly string[]
  readonly refusals: Refusals
}

/** Lets only Twilio's own webhooks through. To be run after the body was parsed. */
export function webhookGuard({ authTokens, publicUrls, refusals }: GuardSettings) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const rawBody = rawJsonOf(request)
    const received = { authTokens, rawUrl: request.raw.url ?? '', signature: signatureOf(request) }
    const body = rawBody === undefined ? formOf(request) : {}
    const isShort = Object.values(body).flat().length <= maxFields
    const signed =
      isShort &&
      publicUrls().some((publicUrl) =>
        rawBody === undefined
          ? isSignedWebhook({ ...received, publicUrl, body })
          : isSignedJson({ ...received, publicUrl, rawBody }),
      )
    if (signed) return undefined
    if (refusals.count('unsigned-webhook'))
      request.log.warn({ refused: refusals.counts }, 'webhook refused: not signed by Twilio for our public URL')
    return reply.code(403).send(refusal)
  }
}

/** Without it every GET path would take a websocket, unsigned, only to close it again. */
export async function upgradeGuard(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  if (!request.ws || request.routeOptions.url === paths.media) return undefined
  return reply.code(404).send({ error: 'There is no websocket here.' })
}

/** Lets only Twilio open the media websocket. Refused before the upgrade, which Twilio reports as 31920. */
export function handshakeGuard(
  { authTokens, publicUrls, refusals }: GuardSettings,
  sockets: MediaSockets,
  now: () => number,
) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const received = { authTokens, path: paths.media, signature: signatureOf(request) }
    if (!publicUrls().some((publicUrl) => isSignedHandshake({ ...received, publicUrl }))) {
      // The doctor tries the door as a stranger would; it is refused like one, and no reason for an alarm.
      const trial = isSignedTrial(authTokens, request.headers[trialHeader], now())
      if (!trial && refusals.count('unsigned-handshake'))
        request.log.warn(
          { refused: refusals.counts },
          'media websocket refused: not signed by Twilio for our public URL',
        )
      return reply.code(403).send(refusal)
    }
    if (!sockets.full) return undefined
    if (refusals.count('too-many-pending'))
      request.log.warn({ refused: refusals.counts }, 'media websocket refused: too many have not started')
    return reply.code(503).send({ error: 'Too many media streams have not started yet.' })
  }
}

/** The form fields of a webhook; anything else that came as a body counts as no fields. */
export function formOf(request: FastifyRequest): Readonly<Record<string, string | string[]>> {
  const form: Record<string, string | string[]> = {}
  if (typeof request.body !== 'object' || request.body === null) return form
  for (const [name, value] of Object.entries(request.body)) {
    if (typeof value === 'string') form[name] = value
    else if (Array.isArray(value)) form[name] = value.filter((item) => typeof item === 'string')
  }
  return form
}

const refusal = { error: 'The request is not signed by Twilio for this public URL.' }

function signatureOf(request: FastifyRequest): string | undefined {
  const header = request.headers['x-twilio-signature']
  return typeof header === 'string' ? header : undefined
}
