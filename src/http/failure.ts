import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

/** The answer to a request that failed. What is our own fault is logged, and not told to whoever asked. */
export function answerFailure(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const status = error.statusCode ?? 500
  if (status < 500) return reply.code(status).send({ error: error.message })
  request.log.error({ err: error }, 'a request failed by a fault of ours')
  return reply.code(status).send({ error: 'The server failed.' })
}
