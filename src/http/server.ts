import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Logger } from 'pino'
import { unreadablePath } from './api/problem.ts'
import { answerFailure } from './failure.ts'

/** A webhook of Twilio's has some thirty short fields. */
export const maxBodyBytes = 65_536
/**
 * Who has not sent the head of a request by then, or all of it, is cut off; Twilio itself waits 15 s for an answer. So
 * is a connection on which nothing moves, such as one that asks and never reads the answers.
 */
const timeouts = {
  requestTimeout: 15_000,
  connectionTimeout: 60_000,
  http: { headersTimeout: 10_000, connectionsCheckingInterval: 5_000 },
}

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
  return server
}
