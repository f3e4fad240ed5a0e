import { type IncomingMessage, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type { Clock } from '../clock.ts'
import { later } from '../waiting.ts'
import type { RetryReason } from './webhook-url.ts'

export interface HttpRequest {
  readonly clock: Clock
  readonly url: string
  readonly method: 'GET' | 'POST'
  /** The form's text, for POST. */
  readonly form: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly connectMs: number
  readonly readMs: number | undefined
  readonly deadlineMs: number
  readonly signal: AbortSignal
  readonly onSocket: (socket: Socket) => void
}

export type Answer =
  | { kind: 'answer'; status: number; contentType: string; body: string; location: string | undefined }
  | { kind: 'failed'; code: number; message: string; reason: RetryReason | undefined }

/** Twilio reads 64 kB of TwiML; one byte more is enough to know that it is too much. */
export const bodyLimitBytes = 65_536

/** One HTTP request on a connection of its own, with limits on the given clock. Never throws. */
export function requestOnce(options: HttpRequest): Promise<Answer> {
  return new Promise((resolve) => {
    const url = URL.parse(options.url)
    if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
      return resolve({ kind: 'failed', code: 11_100, message: 'the URL is not an http(s) URL', reason: undefined })
    const body = options.form === undefined ? undefined : Buffer.from(options.form)
    const over = new AbortController()
    let connected = false
    const finish = (answer: Answer) => {
      over.abort()
      options.signal.removeEventListener('abort', close)
      resolve(answer)
      request.destroy()
    }
    const fail = (code: number, message: string, reason?: RetryReason) =>
      finish({ kind: 'failed', code, message, reason })
    const close = () => fail(11_200, 'the network was closed')

    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const request = send(options.url, {
      method: options.method,
      agent: false,
      headers: {
        host: url.host,
        ...(body === undefined
          ? {}
          : {
              'content-length': String(body.length),
              'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
            }),
        ...options.headers,
        connection: 'close',
      },
    })
    options.signal.addEventListener('abort', close, { once: true })
    const limitMs = options.deadlineMs - options.clock.now()
    const timedOut = () => fail(11_200, `no answer within ${Math.round(limitMs)} ms`, connected ? 'rt' : 'ct')
    later(options.clock, limitMs, over.signal, timedOut)
    const connecting = later(options.clock, options.connectMs, over.signal, () =>
      fail(11_205, `no connection within ${options.connectMs} ms`, 'ct'),
    )
    request.on('socket', (socket) => {
      options.onSocket(socket)
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        connected = true
        connecting.cancel()
        if (options.readMs !== undefined) later(options.clock, options.readMs, over.signal, timedOut)
      })
    })
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN')
        return fail(11_210, 'the host name is not known', 'ct')
      if (error.code?.startsWith('HPE_')) return fail(11_206, 'the answer is not HTTP')
      if (error.code === 'ERR_TLS_CERT_ALTNAME_INVALID') return fail(11_235, 'the certificate is for another host')
      if (error.code?.includes('CERT') || error.code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')
        return fail(11_237, 'the certificate is not valid')
      if (connected) return fail(11_200, `the connection broke (${error.code ?? 'unknown'})`)
      return fail(11_205, `no connection (${error.code ?? 'unknown'})`, 'ct')
    })
    request.on('response', (response) => {
      void readBody(response).then(finish, () => fail(11_200, 'the answer was cut off'))
    })
    request.end(body)
  })
}

async function readBody(response: IncomingMessage): Promise<Answer> {
  const status = response.statusCode ?? 0
  const { location } = response.headers
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of response) {
    if (!Buffer.isBuffer(part)) continue
    parts.push(part)
    bytes += part.length
    if (bytes > bodyLimitBytes) break
  }
  const raw = Buffer.concat(parts)
  const zipped = response.headers['content-encoding'] === 'gzip'
  const body = zipped ? gunzipSync(raw, { maxOutputLength: 16 * bodyLimitBytes }) : raw
  return {
    kind: 'answer',
    status,
    contentType: response.headers['content-type'] ?? '',
    body: body.toString(),
    location,
  }
}
