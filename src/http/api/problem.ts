import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { asBridgeError, BridgeError, errorCodes, type ErrorCode } from '../../errors.ts'
import { whatWasExpected } from './expected.ts'

/** The HTTP status of an error; what is not named here is our own fault. */
const statuses: Partial<Record<ErrorCode, number>> = {
  'request.invalid': 400,
  'request.unauthorized': 401,
  'request.forbidden': 403,
  'request.unknown-path': 404,
  'request.key-reused': 422,
  'number.invalid': 422,
  'destination.country': 403,
  'destination.premium-rate': 403,
  'destination.shared-cost': 403,
  'destination.short-number': 403,
  'text.empty': 422,
  'text.too-long': 422,
  'text.unspeakable': 422,
  'voice.invalid': 422,
  'flow.unknown': 422,
  'call.not-found': 404,
  'alert.not-found': 404,
  'call.elsewhere': 409,
  'limit.calls-at-once': 503,
  'limit.calls-per-minute': 429,
  'limit.calls-per-number': 429,
  'limit.event-streams': 503,
  'limit.event-streams-per-key': 429,
  'server.overloaded': 503,
  'server.draining': 503,
  'tunnel.lost': 503,
}

/** The body of an error: RFC 9457, with the code a program can rely on. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly retryAfterMs?: number
  readonly errors?: readonly { readonly pointer: string; readonly expected: string }[]
}

/** Answers with an error. What went wrong inside stays inside: the log has it. */
export function sendProblem(reply: FastifyReply, error: BridgeError, more: Partial<Problem> = {}): FastifyReply {
  const { code, retryable, details } = error
  const known = statuses[code]
  const status = more.status ?? known ?? (retryable ? 503 : 500)
  const { retryAfterMs } = details
  const problem: Problem = {
    type: `urn:callbridge:error:${code}`,
    title: errorCodes[code].summary,
    detail: code === 'internal' ? 'Something went wrong inside. The log says more.' : error.message,
    code,
    retryable,
    ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
    ...more,
    status,
  }
  if (typeof retryAfterMs === 'number') reply.header('retry-after', Math.max(1, Math.ceil(retryAfterMs / 1000)))
  if (status === 401) reply.header('www-authenticate', 'Bearer')
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problem)
}

/** For every error thrown in a route, or before it by the server. */
export function problemOf(thrown: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (thrown.validation) {
    const errors = whatWasExpected(thrown.validation, thrown.validationContext)
    const first = errors[0]
    const detail = first ? `${first.pointer}: ${first.expected}.` : 'The request is not of the documented form.'
    return sendProblem(reply, new BridgeError('request.invalid', detail), { errors })
  }
  const status = thrown instanceof BridgeError ? undefined : thrown.statusCode
  if (status !== undefined && status >= 400 && status < 500) {
    return sendProblem(reply, new BridgeError('request.invalid', clientFault(status)), { status })
  }
  const error = asBridgeError(thrown)
  if (statuses[error.code] === undefined) request.log.error({ err: thrown, errorCode: error.code }, 'a request failed')
  return sendProblem(reply, error)
}

/** For every path nobody answers at. */
export function unknownPath(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const message = 'Nothing answers at this path with this method. /docs lists what does.'
  return sendProblem(reply, new BridgeError('request.unknown-path', message))
}

/** For a path that is no path; Fastify's own answer would repeat it. */
export function unreadablePath(_error: unknown, _request: unknown, reply: FastifyReply): void {
  sendProblem(reply, new BridgeError('request.invalid', 'The path of the request cannot be read.'))
}

/** Fastify's own messages may quote the request. */
function clientFault(status: number): string {
  if (status === 413) return 'The body of the request is too large.'
  if (status === 415) return 'Expected a body of the type application/json.'
  return 'The body of the request cannot be read: expected one JSON object.'
}
