import { createServer, type ServerResponse } from 'node:http'
import { listen, readBody } from '../http-server.ts'

export interface ControlAnswer {
  readonly status: number
  readonly body: unknown
  /** Given for answers that are no JSON. */
  readonly type?: string
}

export interface ControlRequest {
  readonly method: string
  readonly path: readonly string[]
  readonly body: unknown
}

export interface ControlServer {
  readonly url: string
  close(): Promise<void>
}

const maxBodyBytes = 1_000_000

/** A small JSON server on loopback. What `answer` throws becomes a 400 with its message. */
export async function startControlServer(
  port: number,
  answer: (request: ControlRequest) => ControlAnswer,
): Promise<ControlServer> {
  const server = createServer((request, response) => {
    readBody(request, maxBodyBytes)
      .then((text) => {
        if (text === undefined) throw new Error(`expected at most ${maxBodyBytes} bytes`)
        const path = (request.url ?? '/').split('?')[0] ?? '/'
        const parts = path.split('/').filter((part) => part !== '')
        const body: unknown = text === '' ? {} : JSON.parse(text)
        send(response, answer({ method: request.method ?? 'GET', path: parts.map(decodeURIComponent), body }))
      })
      .catch((error: unknown) => {
        send(response, { status: 400, body: { error: error instanceof Error ? error.message : String(error) } })
      })
  })
  const url = await listen(server, port, '127.0.0.1')
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function send(response: ServerResponse, answer: ControlAnswer): void {
  const type = answer.type ?? 'application/json'
  response.writeHead(answer.status, { 'content-type': type })
  response.end(answer.body instanceof Uint8Array ? answer.body : `${JSON.stringify(answer.body)}\n`)
}
