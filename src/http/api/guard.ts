import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { BridgeError } from '../../errors.ts'
import type { Refusals } from '../refusals.ts'
import { sendProblem } from './problem.ts'

/** What of a request decides whether it may use the API. */
export interface Caller {
  readonly headers: IncomingHttpHeaders
  /** The other end of the socket. Behind a tunnel or a proxy on this machine that is a loopback address, always. */
  readonly remoteAddress: string | undefined
}

/** Whether a request may use the API: why not, or undefined. */
export type Guard = (caller: Caller) => BridgeError | undefined

/**
 * @param keys bearer tokens, any of which opens; without any, only requests made on this machine may pass
 * @param options `proxied`: whether the public address leads here through a proxy that is not ours. Such a one may pass
 *   requests on as if they were made on this machine (nginx does, unless told to name the host), so without keys nobody
 *   may pass then
 */
export function createApiGuard(keys: readonly string[], options: { readonly proxied?: boolean } = {}): Guard {
  if (keys.length === 0) return options.proxied ? whyNobody : whyNotLocal
  const digests = keys.map(digest)
  return ({ headers }) => {
    const given = bearerOf(headers)
    // Every key is compared, in constant time, so that the time tells nothing about any of them.
    const matches = digests.filter((one) => timingSafeEqual(one, digest(given ?? ''))).length
    if (given !== undefined && matches > 0) return undefined
    return new BridgeError('request.unauthorized', 'Expected "Authorization: Bearer <key>" with one of API_KEYS.')
  }
}

/** Who asks, for counting, once the guard let it pass: each key is a caller, and without keys this machine is one. */
export function callerOf(keys: readonly string[], headers: IncomingHttpHeaders): string {
  return keys.length === 0 ? 'this machine' : digest(bearerOf(headers) ?? '').toString('hex')
}

/**
 * Why a request was not made on this machine. A tunnel's requests come from a loopback address too, but name our public
 * host and say for whom they were forwarded; and a web page that a browser on this machine shows names its origin.
 */
export function whyNotLocal({ headers, remoteAddress }: Caller): BridgeError | undefined {
  const forwarded = Object.keys(headers).some((name) => forwardingHeaders.test(name))
  const origin = headers.origin === undefined ? 'localhost' : URL.parse(headers.origin)?.host
  if (isLoopbackAddress(remoteAddress) && !forwarded && isLoopbackHost(headers.host) && isLoopbackHost(origin))
    return undefined
  return new BridgeError(
    'request.forbidden',
    'No API_KEYS are set, so only requests made on this machine, to localhost, are answered. Set API_KEYS to open the API.',
  )
}

function whyNobody(): BridgeError {
  return new BridgeError(
    'request.forbidden',
    'No API_KEYS are set, and PUBLIC_URL leads here through a proxy, which may hide who asks. Set API_KEYS to open the API.',
  )
}

/** As a hook of every route; before the body is read. Whoever knocks without a key cannot fill the log. */
export function guardHook(guard: Guard, refusals: Refusals) {
  return (request: FastifyRequest, reply: FastifyReply, next: () => void): void => {
    const refusal = guard({ headers: request.headers, remoteAddress: request.raw.socket.remoteAddress })
    if (!refusal) return next()
    if (refusals.count('unauthorized-request'))
      request.log.warn({ errorCode: refusal.code, refused: refusals.counts }, 'API request refused')
    sendProblem(reply, refusal)
  }
}

const forwardingHeaders =
  /^(x-forwarded|forwarded$|x-real-ip$|via$|x-original|x-client-ip$|true-client-ip$|cf-|fly-|fastly-|x-envoy-|x-cluster-client-ip$|ngrok-)/

function isLoopbackAddress(address: string | undefined): boolean {
  return address !== undefined && /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address)
}

function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i.test(host)
}

function bearerOf(headers: IncomingHttpHeaders): string | undefined {
  return /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
