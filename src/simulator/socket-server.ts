import { createServer, type IncomingMessage, STATUS_CODES, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Clock } from './clock.ts'
import { listen } from './http-server.ts'
import { watchSocket } from './watched-socket.ts'

/** An ordinary response to a handshake. */
export interface Refusal {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface SocketServerOptions {
  readonly clock: Clock
  readonly port: number
  readonly host: string
  /** Looked at whenever somebody connects: `refuse` resets every new TCP connection, `never` answers no handshake. */
  readonly behaviour: { readonly handshake: unknown; readonly handshakeDelayMs: number }
  /** What is larger is refused by the websocket itself, with close code 1009. */
  readonly maxMessageBytes: number
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void
  /** Judges a handshake when its time has come: what to do with the socket, or why there is none. */
  readonly upgrade: (request: IncomingMessage) => Refusal | ((socket: WebSocket) => void)
}

export interface SocketServer {
  /** `http://host:port` */
  readonly url: string
  /** Ends what is still open. */
  close(): Promise<void>
}

/** HTTP and websockets on one port, as an emulated service has them. Rejects when the port is taken. */
export async function startSocketServer(options: SocketServerOptions): Promise<SocketServer> {
  const { clock, behaviour } = options
  const sockets = new Set<Socket>()
  const websockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: options.maxMessageBytes,
    autoPong: false,
  })

  function upgrade(request: IncomingMessage, head: Buffer): void {
    const tcp = request.socket
    tcp.on('error', () => tcp.destroy())
    const answer = () => {
      if (tcp.destroyed) return
      const verdict = options.upgrade(request)
      if (typeof verdict === 'function') websockets.handleUpgrade(request, tcp, head, verdict)
      else refuse(tcp, verdict)
    }
    if (behaviour.handshake === 'never') {
      // Read on, only to notice when the client gives up.
      tcp.once('end', () => tcp.destroy()).resume()
    } else if (behaviour.handshakeDelayMs <= 0) answer()
    else {
      const timer = clock.after(behaviour.handshakeDelayMs, answer)
      tcp.once('close', () => timer.cancel())
    }
  }

  const server = createServer(options.answer)
  server.on('upgrade', (request: IncomingMessage, _stream, head: Buffer) => upgrade(request, head))
  server.on('connection', (tcp: Socket) => {
    if (behaviour.handshake === 'refuse') {
      tcp.resetAndDestroy()
      return
    }
    sockets.add(tcp)
    watchSocket(clock, tcp)
    tcp.once('close', () => sockets.delete(tcp))
  })
  const url = await listen(server, options.port, options.host)

  return {
    url,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const tcp of sockets) tcp.destroy()
      websockets.close()
      await closed
    },
  }
}

function refuse(tcp: Socket, { status, body, headers = {} }: Refusal): void {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    'Connection: close',
  ]
  tcp.end([...head, '', body].join('\r\n'))
  tcp.once('end', () => tcp.destroy()).resume()
}
