import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

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
    readBody(request)
      .then((text) => {
        const path = (request.url ?? '/').split('?')[0] ?? '/'
        const parts = path.split('/').filter((part) => part !== '')
        const body: unknown = text === '' ? {} : JSON.parse(text)
        send(response, answer({ method: request.method ?? 'GET', path: parts.map(decodeURIComponent), body }))
      })
      .catch((error: unknown) => {
        send(response, { status: 400, body: { error: error instanceof Error ? error.message : String(error) } })
      })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  const boundPort = typeof address === 'object' && address ? address.port : port
  return {
    url: `http://127.0.0.1:${boundPort}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue
    bytes += chunk.length
    if (bytes > maxBodyBytes) throw new Error(`expected at most ${maxBodyBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function send(response: ServerResponse, answer: ControlAnswer): void {
  const type = answer.type ?? 'application/json'
  response.writeHead(answer.status, { 'content-type': type })
  response.end(answer.body instanceof Uint8Array ? answer.body : `${JSON.stringify(answer.body)}\n`)
}
