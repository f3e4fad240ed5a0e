import type { Socket } from 'node:net'
import type { RawData, WebSocket } from 'ws'
import type { Clock, Timer } from '../../clock.ts'
import type { ServedSocket } from '../../listening-sockets.ts'
import type { Saying } from '../../saying.ts'
import { later } from '../../waiting.ts'
import type { FatalCode } from '../closes.ts'
import type { Happening } from '../incidents.ts'
import { createOutgoing } from '../outgoing.ts'
import type { EarBehaviour } from './behaviour.ts'
import type { ListenMessageFault, ParsedListenMessage, Unreadable } from './client-messages.ts'

/** A way of listening, on one connection: what it makes of audio and messages. */
export interface Ear<Told, Message extends { readonly kind: string }> {
  /** What is sent as soon as the socket stands. */
  greeting?(): string
  hear(saying: Saying): void
  /** What is due when so much audio has come. */
  advance(audioMs: number): readonly Told[]
  /** All that was begun, because no more audio comes. */
  finish(): readonly Told[]
  /** Made when it is sent. */
  frame(told: Told): string
  /** The last frame behind CloseStream. */
  farewell?(audioMs: number): string
  errorFrame?(code: string, message: string): string
  read(frame: string): ParsedListenMessage<Message>
  /** Returns what only the state of the socket makes a fault. */
  obey(message: Message | Unreadable, grip: Grip<Told>): ListenMessageFault | undefined
  /** Whether a ping counts as a sign of the client. */
  readonly pingsCount: boolean
}

/** What an ear can do to its socket. */
export interface Grip<Told> {
  readonly audioBytes: number
  tell(all: readonly Told[]): void
  /** Begins to wait for a sign of the client anew. */
  stay(): void
  /** What CloseStream asks for. */
  finish(): void
  fatal(code: FatalCode): void
  /** An error frame, and the end. */
  fail(code: string, message: string): void
}

export interface ListenConnectionDependencies<Told, Message extends { readonly kind: string }> {
  readonly socket: WebSocket
  readonly tcp: Socket
  readonly clock: Clock
  readonly behaviour: EarBehaviour
  readonly bytesPerMs: number
  readonly ear: Ear<Told, Message>
  readonly received: (parsed: ParsedListenMessage<Message>) => void
  readonly blame: (fault: ListenMessageFault) => void
  readonly audio: (bytes: Buffer) => void
  readonly closed: () => void
}

/** One accepted socket that listens, from the handshake to its close. */
export function serveListening<Told, Message extends { readonly kind: string }>(
  deps: ListenConnectionDependencies<Told, Message>,
): ServedSocket<Happening> {
  const { socket, clock, behaviour, ear } = deps
  const over = new AbortController()
  let audioBytes = 0
  let closeAsked = false
  let deaf = behaviour.deaf
  let idle: Timer | undefined

  const out = createOutgoing(socket, deps.tcp, behaviour, {
    ending: () => over.abort(),
    stuck() {
      deaf = true
    },
    ...(ear.errorFrame === undefined ? {} : { errorFrame: (code, message) => ear.errorFrame?.(code, message) ?? '' }),
  })

  function stay(): void {
    idle?.cancel()
    idle = later(clock, behaviour.idleTimeoutMs, over.signal, () => out.fatal('NET-0001'))
  }

  function tell(all: readonly Told[]): void {
    if (deaf || all.length === 0) return
    later(clock, behaviour.latencyMs, over.signal, () => {
      for (const told of all) out.send(ear.frame(told))
    })
  }

  function finish(): void {
    closeAsked = true
    idle?.cancel()
    if (behaviour.closeStream === 'immediate') return out.close(1000)
    tell(ear.finish())
    later(clock, behaviour.latencyMs, over.signal, () => {
      const last = ear.farewell?.(audioBytes / deps.bytesPerMs)
      if (last !== undefined) out.send(last)
      out.close(1000)
    })
  }

  const grip: Grip<Told> = {
    get audioBytes() {
      return audioBytes
    },
    tell,
    stay,
    finish,
    fatal: (code) => out.fatal(code),
    fail(code, message) {
      if (behaviour.errorFrame !== 'none') out.happen({ kind: 'error', code, message })
      out.close(1008, code)
    },
  }

  function audio(bytes: Buffer): void {
    stay()
    audioBytes += bytes.length
    deps.audio(bytes)
    // An empty frame was taken for the end of the audio by older versions of the service.
    if (bytes.length === 0) deps.blame({ code: 'empty-audio', detail: 'a binary frame without a byte' })
    tell(ear.advance(audioBytes / deps.bytesPerMs))
  }

  function listen(data: RawData, isBinary: boolean): void {
    if (out.closing) return
    const bytes = Buffer.isBuffer(data) ? data : Buffer.alloc(0)
    if (bytes.length > behaviour.messageBytes) {
      out.fatal('BIG-0000')
      return deps.blame({ code: 'too-large', detail: `${bytes.length} bytes in one message` })
    }
    if (closeAsked) return deps.blame({ code: 'after-close', detail: isBinary ? 'audio' : 'text' })
    if (isBinary) return audio(bytes)
    const parsed = ear.read(bytes.toString())
    const fault = ear.obey(parsed.message, grip)
    deps.received(fault ? { ...parsed, faults: [fault, ...parsed.faults] } : parsed)
  }

  socket.on('message', listen)
  socket.on('ping', (data) => {
    if (ear.pingsCount && !out.closing && !closeAsked) stay()
    out.pong(data)
  })
  // The socket closes by itself after an error of the websocket protocol.
  socket.on('error', () => {})
  socket.on('close', () => {
    out.gone()
    deps.closed()
  })

  stay()
  later(clock, behaviour.lifeMs, over.signal, () => out.fatal('NET-0003'))
  if (ear.greeting) out.send(ear.greeting())

  return {
    hear: (saying) => ear.hear(saying),
    send: (frame) => void out.send(frame),
    strike: (what) => void out.happen(what),
    terminate: () => out.terminate(),
  }
}
