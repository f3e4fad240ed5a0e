import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { errorBody } from './error-frames.ts'

/** The status route and 404s; the HTTP text-to-speech endpoints are not emulated. */
export function answerHttp(request: IncomingMessage, response: ServerResponse): void {
  const [path] = (request.url ?? '').split('?', 1)
  const isStatus = path === '/' && (request.method === 'GET' || request.method === 'HEAD')
  response.writeHead(isStatus ? 200 : 404, { 'content-type': 'application/json' })
  response.end(isStatus ? JSON.stringify({ status: 'ok', version: 'v1' }) : errorBody({ code: 'NOT_FOUND' }))
}

/** Answers a websocket handshake with an ordinary response. */
export function refuseUpgrade(tcp: Socket, status: number, body: string): void {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  tcp.end([...head, '', body].join('\r\n'))
  tcp.once('end', () => tcp.destroy()).resume()
}
