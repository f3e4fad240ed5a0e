import { isAscii } from 'node:buffer'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { BridgeError } from '../errors.ts'
import type { Clock } from '../ops/clock.ts'
import { type Heartbeat, startHeartbeat } from './heartbeat.ts'
import { readPastAsClient } from './read-past.ts'
import { tellingSocket, writePast } from './write-past.ts'

const handshakeMs = 5000
/** Leaves the rest of the second that a session has for its close to the socket itself. */
const closeMs = 900
/** How soon after the handshake a close without a word counts as an answer to it. */
const atOnceMs = 1000
const handledEvery = 8
const maxFrameBytes = 16 * 1024 * 1024
const maxErrorBodyBytes = 8192

export interface Loss {
  readonly error: BridgeError
  readonly closeCode: number | undefined
  /** Closed right after the handshake, before one frame came. */
  readonly mute: boolean
}

/** No event is called before `connect` has returned, or after `close`, `drop` or `lost`. */
export interface ConnectionEvents<Frame> {
  /** The handshake is done and the first message, if there is one, is sent. */
  opened(): void
  frame(frame: Frame): void
  /** Once: the connection failed or broke off. */
  lost(loss: Loss): void
  /** The message that keeps the connection warm now, where the service wants one. */
  keepalive?(): string
}

/** Who is told of frames. */
type Told<Frame> = Pick<ConnectionEvents<Frame>, 'frame'>

export interface Connection<Frame> {
  /** Bytes go as a binary frame, and may be used again. What is sent on a socket that is closing is lost; `lost` follows. */
  send(message: string | Uint8Array): void
  /** From now on frames go there, no longer to the `ConnectionEvents`. */
  passTo(other: Told<Frame>): void
  /** Says goodbye; resolves when the socket is gone, after 0.9 s at the latest. */
  close(): Promise<void>
  drop(): void
}

export type Connect<Frame> = (events: ConnectionEvents<Frame>) => Connection<Frame>

/** A handshake that was answered with another status than 101. */
export interface HandshakeAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** At most 8 KiB of it. */
  readonly body: string
}

/** What is a service's own about its websocket. */
export interface Peer<Frame> {
  /** May hold a key: no error of the socket is passed on. */
  readonly socketUrl: string
  readonly headers?: Readonly<Record<string, string>>
  /** The first message, and the last. */
  readonly hello?: string
  readonly goodbye: string
  /** After how long without a message `ConnectionEvents.keepalive` is asked for one; left out: never. */
  readonly keepaliveMs?: number
  /** Told of every eighth message how long it took until it was dealt with. */
  readonly handled?: ((afterMs: number) => void) | undefined
  read(data: Buffer, isBinary: boolean): Frame
  /** Reads a text message where it stands, if it can tell by its bytes what it is; what it cannot goes to `read`, which keeps nothing of its bytes. */
  recognise?(bytes: Buffer, from: number, to: number): Frame | undefined
  /** Of the service's own answer only what is known to be harmless may be told. */
  refused(answer: HandshakeAnswer): BridgeError
  /** @param cause the system's short code, such as ECONNREFUSED */
  unreachable(cause: string | undefined): BridgeError
  /** Closed by the service, or `silent`: nothing came any more, not even a pong. */
  lost(facts: { closeCode?: number; closeReason?: string; reason?: 'silent' }): BridgeError
}

/** One websocket to a speech service, from the handshake to its end. */
export function openConnection<Frame>(
  peer: Peer<Frame>,
  clock: Clock,
  events: ConnectionEvents<Frame>,
): Connection<Frame> {
  const { handled } = peer
  let told: Told<Frame> = events
  const socket = new WebSocket(peer.socketUrl, {
    ...(peer.headers === undefined ? {} : { headers: { ...peer.headers } }),
    ...(peer.recognise
      ? readPastAsClient((bytes, from, to) => {
          if (over) return true
          const frame = peer.recognise?.(bytes, from, to) ?? readAscii(bytes.subarray(from, to))
          if (frame === undefined) return false
          hear(frame)
          return true
        })
      : tellingSocket((its) => {
          tcp = its
        })),
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
    followRedirects: false,
  })
  const handshakeTimer = clock.after(handshakeMs, () => lose(peer.unreachable('no answer within 5 s')))
  /** What the websocket runs over, where sound goes out on it. */
  let tcp: Socket | undefined
  let heartbeat: Heartbeat | undefined
  let openedAt: number | undefined
  let heard = false
  /** Since the heartbeat last looked. */
  let alive = false
  let over = false
  let messages = 0

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

  function send(message: string | Uint8Array): void {
    if (socket.readyState !== WebSocket.OPEN) return
    heartbeat?.sent()
    if (tcp && typeof message !== 'string' && writePast(tcp, message)) return
    // The callback keeps a failed write from being thrown; the close that follows reports it.
    socket.send(message, () => {})
  }

  function hear(frame: Frame): void {
    heard = true
    alive = true
    // Some tell as much as all: each look at the clock is felt fifty times a second.
    if (!handled || ++messages % handledEvery !== 0) return told.frame(frame)
    const cameAt = clock.now()
    told.frame(frame)
    handled(clock.now() - cameAt)
  }

  /** Whatever else is written in ASCII. What is not may be no UTF-8 either: that is for `ws` to find out. */
  function readAscii(content: Buffer): Frame | undefined {
    return isAscii(content) ? peer.read(content, false) : undefined
  }

  function keepalive() {
    const { keepaliveMs: everyMs } = peer
    return everyMs === undefined ? undefined : { everyMs, send: () => send(events.keepalive?.() ?? '') }
  }

  socket.on('error', (error) => {
    if (openedAt === undefined) lose(peer.unreachable(systemCode(error)))
    else lose(peer.lost({}))
  })
  socket.on('unexpected-response', (_request, response) => {
    readBody(response, (body) => {
      lose(peer.refused({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
  })
  socket.on('open', () => {
    if (over) return
    handshakeTimer.cancel()
    openedAt = clock.now()
    heartbeat = startHeartbeat(clock, {
      ping: () => socket.ping(),
      heard() {
        const was = alive
        alive = false
        return was
      },
      dead: () => lose(peer.lost({ reason: 'silent' })),
      keepalive: keepalive(),
    })
    if (peer.hello !== undefined) send(peer.hello)
    events.opened()
  })
  socket.on('message', (data, isBinary) => {
    if (over) return
    hear(peer.read(Buffer.isBuffer(data) ? data : Buffer.alloc(0), isBinary))
  })
  socket.on('pong', () => {
    alive = true
  })
  socket.on('close', (closeCode, closeReason) =>
    lose(peer.lost({ closeCode, closeReason: closeReason.toString() }), closeCode),
  )

  return {
    send,
    drop,
    passTo(other) {
      told = other
    },
    close() {
      const wasOpen = socket.readyState === WebSocket.OPEN
      if (wasOpen) send(peer.goodbye)
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

/** Reads what a refused handshake says; `done` is called once. */
function readBody(response: IncomingMessage, done: (body: string) => void): void {
  let body = ''
  response.setEncoding('utf8')
  response.on('data', (chunk: string) => {
    body += chunk
    if (body.length > maxErrorBodyBytes) response.destroy()
  })
  response.on('error', () => {})
  response.on('close', () => done(body))
}
