import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Logger } from 'pino'
import { unreadablePath } from './api/problem.ts'
import { answerFailure } from './failure.ts'

/** A webhook of Twilio's has some thirty short fields. */
export const maxBodyBytes = 65_536
/** Who has not sent the head of a request by then, or all of it, is cut off; Twilio itself waits 15 s for an answer. */
const timeouts = {
  requestTimeout: 15_000,
  http: { headersTimeout: 10_000, connectionsCheckingInterval: 5_000 },
}
/** A connection that asks and on which nothing moves for so long, since it never reads the answers, is cut off. */
const stillMs = 60_000

/** The server that everything answers at. It does not listen yet. */
export function createServer(log: Logger): FastifyInstance {
  // What Fastify says of itself while all is well (where it listens, once for each address) is said elsewhere.
  const loggerInstance: FastifyBaseLogger = log.level === 'info' ? log.child({}, { level: 'warn' }) : log
  const server = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: maxBodyBytes,
    frameworkErrors: unreadablePath,
    ...timeouts,
  })
  server.setErrorHandler(answerFailure)
  // Not Fastify's `connectionTimeout`: of that a websocket keeps a dead timer, which each read and write winds up again.
  server.server.on('request', ({ socket }) => socket.setTimeout(stillMs))
  return server
}
