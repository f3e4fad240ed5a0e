import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { readBody } from '../../http-server.ts'
import { wait } from '../../waiting.ts'
import type { Exchange } from '../exchange.ts'
import type { DialQueue } from '../queue.ts'
import type { RestAnswer } from './answer.ts'
import { type RestReply, restError } from './error.ts'
import { answerRest } from './router.ts'

const bodyLimitBytes = 1_048_576

/** The HTTP server of the REST API, with the failures that `behaviour.rest` asks for. */
export function createRestServer(exchange: Exchange, queue: DialQueue): Server {
  const server = createServer((request, response) => {
    request.on('error', () => {})
    response.on('error', () => {})
    void serve(exchange, queue, request, response).catch(() => response.destroy())
  })
  server.on('connection', (socket) => exchange.sockets.add(socket))
  server.on('clientError', (_error, socket) => void socket.destroy())
  return server
}

async function serve(
  exchange: Exchange,
  queue: DialQueue,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { behaviour, clock, closing } = exchange
  const method = request.method ?? 'GET'
  const target = request.url ?? '/'
  const body = await readBody(request, bodyLimitBytes)
  if (body === undefined) return write(response, restError(413, 413, 'The request is too large'))
  const answer: RestAnswer =
    typeof behaviour.rest === 'function'
      ? behaviour.rest({ method, path: target.replace(/\?.*$/s, '') })
      : behaviour.rest
  const { authorization } = request.headers
  const act = () => answerRest(exchange, queue, { method, target, authorization, body })
  switch (answer.kind) {
    case 'normal':
      return write(response, act())
    case 'late': {
      const reply = act()
      if (await wait(clock, answer.delayMs, closing)) write(response, reply)
      return
    }
    case 'no-answer':
      if (answer.processed) act()
      return
    case 'reset':
      if (answer.processed) act()
      request.socket.resetAndDestroy()
      return
    case 'status': {
      if (answer.processed) act()
      const { code = 20_500, status } = answer
      if (answer.body === 'json')
        return write(response, restError(status, code, 'An internal server error has occurred'))
      const html = answer.body === 'html'
      response.writeHead(status, html ? { 'content-type': 'text/html' } : {})
      response.end(html ? '<html><body><h1>Service unavailable</h1></body></html>' : '')
    }
  }
}

function write(response: ServerResponse, { body, headers, status }: RestReply): void {
  response.writeHead(status, { 'content-type': 'application/json;charset=utf-8', ...headers })
  response.end(JSON.stringify(body))
}
