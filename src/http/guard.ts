import type { FastifyReply, FastifyRequest } from 'fastify'
import { isSignedHandshake, isSignedWebhook } from '../twilio/signature.ts'
import { blindEdge, type EdgeObserver } from './observer.ts'
import { paths } from './paths.ts'

export interface GuardSettings {
  readonly authTokens: readonly string[]
  /** The address Twilio was given. Never rebuilt from Host or forwarded headers, which anybody can send. */
  readonly publicUrl: () => string
  readonly observer?: EdgeObserver
}

/** Lets only Twilio's own webhooks through. To be run after the body was parsed. */
export function webhookGuard({ authTokens, publicUrl, observer = blindEdge }: GuardSettings) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const signed = isSignedWebhook({
      authTokens,
      publicUrl: publicUrl(),
      rawUrl: request.raw.url ?? '',
      signature: signatureOf(request),
      body: formOf(request),
    })
    if (signed) return undefined
    observer.refused('unsigned-webhook')
    request.log.warn('webhook refused: not signed by Twilio for our public URL')
    return reply.code(403).send(refusal)
  }
}

/** Without it every GET path would take a websocket, unsigned, only to close it again. */
export async function upgradeGuard(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  if (!request.ws || request.routeOptions.url === paths.media) return undefined
  return reply.code(404).send({ error: 'There is no websocket here.' })
}

/** Lets only Twilio open the media websocket. Refused before the upgrade, which Twilio reports as 31920. */
export function handshakeGuard({ authTokens, publicUrl, observer = blindEdge }: GuardSettings) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const signature = signatureOf(request)
    if (isSignedHandshake({ authTokens, publicUrl: publicUrl(), path: paths.media, signature })) return undefined
    observer.refused('unsigned-handshake')
    request.log.warn('media websocket refused: not signed by Twilio for our public URL')
    return reply.code(403).send(refusal)
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
