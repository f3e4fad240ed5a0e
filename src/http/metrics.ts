import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { paths } from './paths.ts'

/** Headers that a proxy or tunnel adds: behind one, the peer's address says nothing about who asks. */
const forwarding =
  /^(forwarded$|via$|x-forwarded|x-real-ip$|x-original|x-client-ip$|true-client-ip$|cf-|fly-|x-envoy-|ngrok-)/

/**
 * `GET /metrics`. With a key it wants `Authorization: Bearer …`; without one it answers this machine only, and nothing
 * that came through a proxy or a tunnel; nobody at all behind a proxy of somebody else's making, which may hide both.
 */
export function metricsRoute(
  server: FastifyInstance,
  metrics: { readonly text: () => Promise<string>; readonly contentType: string },
  { key, proxied }: { readonly key: string | undefined; readonly proxied: boolean },
): void {
  server.get(paths.metrics, async (request, reply) => {
    if (key === undefined && (proxied || !isLocal(request)))
      return reply.code(403).send({
        error: proxied
          ? 'Behind a PUBLIC_URL metrics are for those who show METRICS_KEY. Set it.'
          : 'Metrics are for this machine only, unless METRICS_KEY is set.',
      })
    if (key !== undefined && !hasKey(request, key))
      return reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'Expected the key of the metrics.' })
    return reply.type(metrics.contentType).send(await metrics.text())
  })
}

/** Whether the request began on this machine. Another name in `Host` means a tunnel; an origin, a page in a browser. */
function isLocal({ headers, socket: { remoteAddress = '' } }: FastifyRequest): boolean {
  return (
    /^(127\.|::1$|::ffff:127\.)/.test(remoteAddress) &&
    /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(headers.host ?? '') &&
    headers.origin === undefined &&
    !Object.keys(headers).some((name) => forwarding.test(name))
  )
}

function hasKey(request: FastifyRequest, key: string): boolean {
  const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
  return timingSafeEqual(digest(given), digest(key))
}

/** Of one length, whatever was given. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
