import formbody from '@fastify/formbody'
import websocket from '@fastify/websocket'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { CallRegistry } from '../call/registry.ts'
import type { Clock } from '../ops/clock.ts'
import type { Readiness } from '../ops/readiness.ts'
import { type GuardSettings, handshakeGuard, upgradeGuard, webhookGuard } from './guard.ts'
import { keepJsonBodies, parseJsonBody } from './json-body.ts'
import { usualLookMs } from './liveness.ts'
import { serveMediaSocket } from './media-socket.ts'
import type { MediaSockets } from './media-sockets.ts'
import { paths } from './paths.ts'
import { type WebhookDeps, webhookRoutes } from './webhooks.ts'
import { maxMessageLength } from '../twilio/media-stream.ts'

/** What Twilio comes in by: webhooks and the media websocket, each behind its guard. Beside them what a probe asks. */
export async function openDoors(
  server: FastifyInstance,
  deps: Omit<WebhookDeps, 'refusals'> & {
    readonly guard: GuardSettings
    readonly sockets: MediaSockets
    readonly registry: CallRegistry
    readonly readiness: Readiness
    readonly clock: Clock
    readonly log: Logger
    /** A media socket brought something that is no message; counted. */
    readonly malformedMessage: () => void
    /** How often a media socket is looked at. Default: every 2 s. */
    readonly lookEveryMs?: number | undefined
  },
): Promise<void> {
  const { guard, sockets, registry, readiness, clock, log, malformedMessage, lookEveryMs = usualLookMs } = deps
  const { refusals } = guard
  const mediaDeps = { registry, clock, log, sockets, refusals, lookEveryMs, malformedMessage }
  await server.register(formbody)
  await server.register(websocket, { options: { maxPayload: maxMessageLength, perMessageDeflate: false } })
  server.addHook('onRequest', upgradeGuard)
  await server.register(async (webhooks) => {
    keepJsonBodies(webhooks)
    webhooks.addHook('preHandler', webhookGuard(guard))
    webhooks.addHook('preHandler', parseJsonBody)
    webhookRoutes(webhooks, { ...deps, refusals })
  })
  await server.register(async (media) => {
    media.addHook('preHandler', async ({ ws, raw }, reply) => {
      if (ws) reply.raw.detachSocket(raw.socket)
    })
    media.get(
      paths.media,
      { websocket: true, preValidation: handshakeGuard(guard, sockets, () => clock.now()) },
      (socket, { raw }) => {
        // By the listener of @fastify/websocket the handshake (request, answer, their log) would be held: 8 KB.
        socket.removeAllListeners('error')
        serveMediaSocket(socket, raw.socket, mediaDeps)
      },
    )
  })
  server.get(paths.health, async () => ({ status: 'ok' }))
  server.get(paths.ready, async (_request, reply) => {
    const missing = readiness.missing()
    return missing.length === 0 ? { status: 'ready' } : reply.code(503).send({ status: 'not-ready', missing })
  })
}
