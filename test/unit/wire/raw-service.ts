import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { SteppedClock } from '../../../src/simulator/clock.ts'

export interface RawService {
  readonly url: string
  readonly requests: IncomingMessage[]
  readonly messages: string[]
  readonly sockets: Socket[]
  close(): Promise<void>
}

/** The least that can stand at the other end of a websocket; knows nothing of any service. */
export async function startRawService(
  clock: SteppedClock,
  react: {
    /** Answers the handshake itself; without it a websocket is accepted. */
    upgrade?: (tcp: Socket) => void
    open?: (socket: WebSocket) => void
    message?: (socket: WebSocket, message: string) => void
  },
): Promise<RawService> {
  const websockets = new WebSocketServer({ noServer: true, perMessageDeflate: true })
  const server = createServer((_request, response) => void response.writeHead(426).end())
  const sockets: Socket[] = []
  const requests: IncomingMessage[] = []
  const messages: string[] = []
  server.on('connection', (tcp: Socket) => {
    clock.watch(() => tcp.bytesRead + tcp.bytesWritten)
    sockets.push(tcp)
  })
  server.on('upgrade', (request: IncomingMessage, tcp: Socket, head: Buffer) => {
    requests.push(request)
    tcp.on('error', () => {})
    if (react.upgrade) return react.upgrade(tcp)
    websockets.handleUpgrade(request, tcp, head, (socket) => {
      socket.on('error', () => {})
      socket.on('message', (data: Buffer) => {
        messages.push(data.toString())
        react.message?.(socket, data.toString())
      })
      react.open?.(socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    messages,
    sockets,
    async close() {
      for (const tcp of sockets) tcp.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** An HTTP answer, for a handshake that is not accepted. */
export function httpAnswer(status: number, body: unknown = '', headers: readonly string[] = []): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const lines = [`HTTP/1.1 ${status} Answer`, `Content-Length: ${Buffer.byteLength(text)}`, ...headers]
  return `${lines.join('\r\n')}\r\n\r\n${text}`
}
