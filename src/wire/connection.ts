import { isAscii } from 'node:buffer'
import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import { type RawData, WebSocket } from 'ws'
import type { BridgeError } from '../errors.ts'
import type { Clock, Timer } from '../ops/clock.ts'
import { FastPath } from './fast-path.ts'
import { readBody, systemCode } from './handshake.ts'
import { type Heartbeat, type HeartbeatPeer, startHeartbeat } from './heartbeat.ts'
import { readPastAsClient } from './read-past.ts'
import { socketGone } from './socket-gone.ts'
import { tellingSocket, writePast } from './write-past.ts'

const handshakeMs = 5000
/** How soon after the handshake a close without a word counts as an answer to it. */
const atOnceMs = 1000
const handledEvery = 8
const maxFrameBytes = 16 * 1024 * 1024

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
  /** Bytes go as a binary frame, and are free when it returns. What is sent on a closing socket is lost; `lost` follows. */
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
  return new ServiceConnection(peer, clock, events)
}

/** A frame comes by `take`, or by `ws` and `#read`; both end in `#hear`. */
class ServiceConnection<Frame> extends FastPath implements Connection<Frame>, HeartbeatPeer {
  // What each frame looks at comes first.
  #over = false
  #heard = false
  /** Since the heartbeat last looked. */
  #alive = false
  #messages = 0
  readonly #peer: Peer<Frame>
  #told: Told<Frame>
  readonly #events: ConnectionEvents<Frame>
  readonly #clock: Clock
  readonly #socket: WebSocket
  /** What the websocket runs over, where sound goes out on it. */
  #tcp: Socket | undefined
  readonly keepaliveMs: number | undefined
  #handshakeTimer: Timer | undefined
  #openedAt: number | undefined
  #heartbeat: Heartbeat | undefined

  constructor(peer: Peer<Frame>, clock: Clock, events: ConnectionEvents<Frame>) {
    super(false)
    this.#peer = peer
    this.#told = events
    this.#events = events
    this.#clock = clock
    this.keepaliveMs = peer.keepaliveMs
    this.#socket = new WebSocket(peer.socketUrl, {
      ...(peer.headers === undefined ? {} : { headers: { ...peer.headers } }),
      ...(peer.recognise
        ? readPastAsClient(this)
        : tellingSocket((tcp) => {
            this.#tcp = tcp
          })),
      perMessageDeflate: false,
      maxPayload: maxFrameBytes,
      followRedirects: false,
    })
    this.#handshakeTimer = clock.after(handshakeMs, () => this.#lose(peer.unreachable('no answer within 5 s')))
    this.#socket.on('open', () => this.#opened())
    this.#socket.on('unexpected-response', (_request, response) => {
      readBody(response, (body) => {
        this.#lose(peer.refused({ status: response.statusCode ?? 0, headers: response.headers, body }))
      })
    })
    this.#socket.on('error', (error) => {
      this.#lose(this.#openedAt === undefined ? peer.unreachable(systemCode(error)) : peer.lost({}))
    })
    this.#socket.on('close', (closeCode, closeReason) =>
      this.#lose(peer.lost({ closeCode, closeReason: closeReason.toString() }), closeCode),
    )
  }

  send(message: string | Uint8Array): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return
    this.#heartbeat?.sent()
    if (this.#tcp && typeof message !== 'string' && writePast(this.#tcp, message)) return
    this.#socket.send(message, written)
  }

  passTo(other: Told<Frame>): void {
    this.#told = other
  }

  close(): Promise<void> {
    const socket = this.#socket
    const wasOpen = socket.readyState === WebSocket.OPEN
    if (wasOpen) this.send(this.#peer.goodbye)
    this.#stop()
    if (socket.readyState === WebSocket.CLOSED) return Promise.resolve()
    const gone = socketGone(socket, this.#clock)
    if (wasOpen) socket.close(1000)
    else socket.terminate()
    return gone
  }

  drop(): void {
    this.#stop()
    this.#socket.terminate()
  }

  ping(): void {
    this.#socket.ping()
  }

  heard(): boolean {
    const was = this.#alive
    this.#alive = false
    return was
  }

  dead(): void {
    this.#lose(this.#peer.lost({ reason: 'silent' }))
  }

  keepWarm(): void {
    this.send(this.#events.keepalive?.() ?? '')
  }

  protected override take(bytes: Buffer, from: number, to: number): boolean {
    if (this.#over) return true
    const frame = this.#peer.recognise?.(bytes, from, to) ?? this.#readAscii(bytes.subarray(from, to))
    if (frame === undefined) return false
    this.#hear(frame)
    return true
  }

  /** Whatever else is written in ASCII. What is not may be no UTF-8 either: that is for `ws` to find out. */
  #readAscii(content: Buffer): Frame | undefined {
    return isAscii(content) ? this.#peer.read(content, false) : undefined
  }

  #read(data: RawData, isBinary: boolean): void {
    if (!this.#over) this.#hear(this.#peer.read(Buffer.isBuffer(data) ? data : Buffer.alloc(0), isBinary))
  }

  #hear(frame: Frame): void {
    this.#heard = true
    this.#alive = true
    // Some tell as much as all: each look at the clock is felt fifty times a second.
    if (!this.#peer.handled || ++this.#messages % handledEvery !== 0) return this.#told.frame(frame)
    const cameAt = this.#clock.now()
    this.#told.frame(frame)
    this.#peer.handled(this.#clock.now() - cameAt)
  }

  #opened(): void {
    if (this.#over) return
    // What was of the handshake is let go.
    this.#handshakeTimer?.cancel()
    this.#handshakeTimer = undefined
    const socket = this.#socket.removeAllListeners('open').removeAllListeners('unexpected-response')
    this.#openedAt = this.#clock.now()
    socket.on('message', (data, isBinary) => this.#read(data, isBinary))
    socket.on('pong', () => {
      this.#alive = true
    })
    this.#heartbeat = startHeartbeat(this.#clock, this)
    if (this.#peer.hello !== undefined) this.send(this.#peer.hello)
    this.#events.opened()
  }

  #lose(error: BridgeError, closeCode?: number): void {
    if (this.#over) return
    const mute = this.#openedAt !== undefined && !this.#heard && this.#clock.now() - this.#openedAt < atOnceMs
    this.drop()
    this.#events.lost({ error, closeCode, mute })
  }

  #stop(): void {
    this.#over = true
    this.#handshakeTimer?.cancel()
    this.#heartbeat?.stop()
  }
}

/** Keeps a failed write from being thrown; the close that follows reports it. */
function written(): void {}
