import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import type { BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import { connectionLost, handshakeError, unreachable } from './errors.ts'
import { type Heartbeat, startHeartbeat } from './heartbeat.ts'
import { readFrame, type ServerFrame, terminateMessage } from './protocol.ts'

const handshakeMs = 5000
/** Leaves the rest of the second that a session has for its close to the socket itself. */
const closeMs = 900
/** How soon after the handshake a close without a word counts as an answer to it. */
const atOnceMs = 1000
const maxFrameBytes = 16 * 1024 * 1024
const maxErrorBodyBytes = 8192

export interface Loss {
  readonly error: BridgeError
  readonly closeCode: number | undefined
  /** Closed right after the handshake, before one frame came. */
  readonly mute: boolean
}

/** No event is called before `connect` has returned, or after `close`, `drop` or `lost`. */
export interface ConnectionEvents {
  /** The handshake is done and the init is sent. */
  opened(): void
  frame(frame: ServerFrame): void
  /** Once: the connection failed or broke off. */
  lost(loss: Loss): void
  /** The message that keeps the connection warm now. */
  keepalive(): string
}

export interface Connection {
  /** What is sent on a socket that is closing is lost; `lost` follows. */
  send(message: string): void
  /** Says goodbye; resolves when the socket is gone, after 0.9 s at the latest. */
  close(): Promise<void>
  drop(): void
}

export type Connect = (events: ConnectionEvents) => Connection

/** One websocket to Async, from the handshake to its end. The URL holds the key: no error of the socket is passed on. */
export function openConnection(
  target: { socketUrl: string; init: string; received?: (() => void) | undefined },
  clock: Clock,
  events: ConnectionEvents,
): Connection {
  const socket = new WebSocket(target.socketUrl, {
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
    followRedirects: false,
  })
  const handshakeTimer = clock.after(handshakeMs, () => lose(unreachable('no answer within 5 s')))
  let heartbeat: Heartbeat | undefined
  let openedAt: number | undefined
  let heard = false
  let over = false

  function lose(error: BridgeError, closeCode?: number): void {
    if (over) return
    const mute = openedAt !== undefined && !heard && clock.now() - openedAt < atOnceMs
    drop()
    events.lost({ error, closeCode, mute })
  }

  function drop(): void {
    stop()
    socket.terminate()
  }

  function stop(): void {
    over = true
    handshakeTimer.cancel()
    heartbeat?.stop()
  }

  function send(message: string): void {
    if (socket.readyState !== WebSocket.OPEN) return
    heartbeat?.sent()
    // The callback keeps a failed write from being thrown; the close that follows reports it.
    socket.send(message, () => {})
  }

  socket.on('error', (error) => {
    if (openedAt === undefined) lose(unreachable(systemCode(error)))
    else lose(connectionLost({}))
  })
  socket.on('unexpected-response', (_request, response) => {
    readErrorBody(response, (frame) => lose(handshakeError(response.statusCode ?? 0, frame)))
  })
  socket.on('open', () => {
    if (over) return
    handshakeTimer.cancel()
    openedAt = clock.now()
    heartbeat = startHeartbeat(clock, {
      ping: () => socket.ping(),
      keepalive: () => send(events.keepalive()),
      dead: () => lose(connectionLost({ reason: 'silent' })),
    })
    send(target.init)
    events.opened()
  })
  socket.on('message', (data, isBinary) => {
    if (over) return
    target.received?.()
    heard = true
    heartbeat?.received()
    events.frame(isBinary || !Buffer.isBuffer(data) ? { kind: 'unknown' } : readFrame(data.toString()))
  })
  socket.on('pong', () => heartbeat?.received())
  socket.on('close', (closeCode) => lose(connectionLost({ closeCode }), closeCode))

  return {
    send,
    drop,
    close() {
      const wasOpen = socket.readyState === WebSocket.OPEN
      if (wasOpen) send(terminateMessage)
      stop()
      if (socket.readyState === WebSocket.CLOSED) return Promise.resolve()
      return new Promise((resolve) => {
        const timer = clock.after(closeMs, () => {
          socket.terminate()
          resolve()
        })
        socket.once('close', () => {
          timer.cancel()
          resolve()
        })
        if (wasOpen) socket.close(1000)
        else socket.terminate()
      })
    },
  }
}

/** ECONNREFUSED and its like; nothing else of a socket error is safe to show. */
function systemCode(error: Error): string | undefined {
  const code = 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : undefined
}

/** Reads the error a refused handshake may carry, in either of Async's two JSON forms; `done` is called once. */
function readErrorBody(
  response: IncomingMessage,
  done: (frame: { code: string; retryAfterMs: number | undefined } | undefined) => void,
): void {
  let body = ''
  response.setEncoding('utf8')
  response.on('data', (chunk: string) => {
    body += chunk
    if (body.length > maxErrorBodyBytes) response.destroy()
  })
  response.on('error', () => {})
  response.on('close', () => {
    const frame = readFrame(body)
    done(frame.kind === 'error' ? frame : undefined)
  })
}
