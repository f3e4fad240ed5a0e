import type { ClientRequest } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { Exchange } from '../exchange.ts'
import { signatureHeader } from '../signing.ts'
import { holdBriefly, later } from '../../waiting.ts'

export type Handshake =
  | { readonly kind: 'open'; readonly socket: WebSocket; readonly tcp: Socket | undefined }
  | { readonly kind: 'failed'; readonly code: number; readonly message: string }
  /** The call ended, or its TwiML was replaced. */
  | { readonly kind: 'cancelled' }

/** A message of 100 MiB is taken; a longer one breaks the protocol. */
const maxPayloadBytes = 104_857_600

/**
 * Dials the stream's URL with exactly the headers seen on live calls: no Origin, no subprotocol, no extensions; the
 * signature covers the websocket URL. The socket is handed over before anything on it can be missed.
 */
export function openMediaSocket(
  exchange: Exchange,
  url: string,
  signal: AbortSignal,
  onOpen: (socket: WebSocket, tcp: Socket | undefined) => void,
): Promise<Handshake> {
  const { account, behaviour, clock, sockets } = exchange
  const release = holdBriefly(clock, behaviour.holdMs)
  return new Promise<Handshake>((resolve) => {
    const over = new AbortController()
    let tcp: Socket | undefined
    let settled = false
    const socket = new WebSocket(url, {
      perMessageDeflate: false,
      maxPayload: maxPayloadBytes,
      // Answered by the stream, where `behaviour.answerPings` says so.
      autoPong: false,
      finishRequest: (request) => {
        request.on('socket', (connection: Socket) => {
          tcp = connection
          sockets.add(connection)
        })
        likeTwilio(request, signatureHeader(behaviour.streamSignature, account.authToken, url))
        request.end()
      },
    })
    const finish = (result: Handshake) => {
      if (settled) return
      settled = true
      over.abort()
      signal.removeEventListener('abort', cancel)
      if (result.kind !== 'open') socket.terminate()
      resolve(result)
    }
    const fail = (code: number, message: string) => finish({ kind: 'failed', code, message })
    const cancel = () => finish({ kind: 'cancelled' })
    later(clock, behaviour.streamConnectMs, over.signal, () =>
      fail(31_901, `no answer to the handshake within ${behaviour.streamConnectMs} ms`),
    )
    signal.addEventListener('abort', cancel, { once: true })
    socket.on('open', () => {
      if (settled) return socket.terminate()
      onOpen(socket, tcp)
      finish({ kind: 'open', socket, tcp })
    })
    socket.on('unexpected-response', (_request, response) => {
      response.resume()
      fail(31_920, `expected status 101, got ${response.statusCode ?? 'none'}`)
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const [code, message] = failureOf(error)
      fail(code, message)
    })
    if (signal.aborted) cancel()
  }).finally(release)
}

/** Header names in lower case and in the order of the live captures. */
function likeTwilio(request: ClientRequest, signature: string | undefined): void {
  const key = request.getHeader('sec-websocket-key')
  const host = request.getHeader('host')
  for (const name of request.getHeaderNames()) request.removeHeader(name)
  request.setHeader('host', host ?? '')
  request.setHeader('user-agent', 'Twilio.TmeWs/1.0')
  request.setHeader('connection', 'Upgrade')
  request.setHeader('upgrade', 'websocket')
  request.setHeader('sec-websocket-key', key ?? '')
  request.setHeader('sec-websocket-version', '13')
  if (signature !== undefined) request.setHeader('x-twilio-signature', signature)
}

const failures: Readonly<Record<string, readonly [code: number, message: string]>> = {
  ECONNREFUSED: [31_902, 'the connection was refused'],
  ENOTFOUND: [31_904, 'the host cannot be reached'],
  EAI_AGAIN: [31_904, 'the host cannot be reached'],
  EHOSTUNREACH: [31_904, 'the host cannot be reached'],
  ENETUNREACH: [31_904, 'the host cannot be reached'],
  ECONNRESET: [31_903, 'the connection broke during the handshake'],
  EPIPE: [31_903, 'the connection broke during the handshake'],
  ETIMEDOUT: [31_901, 'no answer to the connection'],
}

function failureOf({ code = '', message }: NodeJS.ErrnoException): readonly [code: number, message: string] {
  if (/CERT|SSL|TLS|EPROTO/.test(code)) return [31_910, `TLS failed (${code})`]
  // What is left is an answer that is no websocket handshake: wrong accept key, an extension nobody offered.
  return failures[code] ?? [31_920, message]
}
