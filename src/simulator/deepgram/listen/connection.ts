import type { Socket } from 'node:net'
import type { RawData, WebSocket } from 'ws'
import type { Clock, Timer } from '../../clock.ts'
import type { Saying } from '../../saying.ts'
import { later } from '../../waiting.ts'
import type { FatalCode } from '../closes.ts'
import type { Happening } from '../incidents.ts'
import { createOutgoing } from '../outgoing.ts'
import type { ListenBehaviour } from './behaviour.ts'
import {
  type ListenMessage,
  type ListenMessageFault,
  type ParsedListenMessage,
  readListenMessage,
} from './client-messages.ts'
import type { ListenSettings } from './query.ts'
import { createRecognition, type Told } from './recognition.ts'
import { endMetadataFrame, toldFrame } from './server-frames.ts'

export interface ListenConnectionDependencies {
  readonly socket: WebSocket
  readonly tcp: Socket
  readonly clock: Clock
  readonly behaviour: ListenBehaviour
  readonly settings: ListenSettings
  readonly requestId: string
  readonly received: (parsed: ParsedListenMessage) => void
  readonly blame: (fault: ListenMessageFault) => void
  readonly audio: (bytes: Buffer) => void
  readonly closed: () => void
}

export interface ListenConnection {
  hear(saying: Saying): void
  /** Sends any frame; bytes go as a binary one. */
  send(frame: string | Uint8Array): void
  strike(what: Happening): void
  terminate(): void
}

/** One accepted socket of `/v1/listen`, from the handshake to its close. */
export function serveListening(deps: ListenConnectionDependencies): ListenConnection {
  const { socket, clock, behaviour, settings } = deps
  const over = new AbortController()
  const recognition = createRecognition(settings, behaviour)
  let audioBytes = 0
  let closeAsked = false
  let deaf = behaviour.deaf
  let idle: Timer | undefined

  const out = createOutgoing(socket, deps.tcp, behaviour, {
    ending: () => over.abort(),
    stuck() {
      deaf = true
    },
  })

  function armIdle(): void {
    idle?.cancel()
    idle = later(clock, behaviour.idleTimeoutMs, over.signal, () => out.fatal('NET-0001'))
  }

  function tell(all: readonly Told[]): void {
    if (deaf || all.length === 0) return
    const frames = all.map((told) => toldFrame(told, { requestId: deps.requestId, model: settings.model }))
    later(clock, behaviour.latencyMs, over.signal, () => {
      for (const frame of frames) out.send(frame)
    })
  }

  function finish(): void {
    closeAsked = true
    idle?.cancel()
    if (behaviour.closeStream === 'immediate') return out.close(1000)
    tell(recognition.finish())
    later(clock, behaviour.latencyMs, over.signal, () => {
      out.send(endMetadataFrame(deps.requestId, audioBytes / settings.bytesPerMs, new Date(clock.now())))
      out.close(1000)
    })
  }

  function fatal(code: FatalCode, fault: ListenMessageFault): ListenMessageFault {
    out.fatal(code)
    return fault
  }

  function audio(bytes: Buffer): void {
    armIdle()
    audioBytes += bytes.length
    deps.audio(bytes)
    // An empty frame was taken for the end of the audio by older versions of the service.
    if (bytes.length === 0) deps.blame({ code: 'empty-audio', detail: 'a binary frame without a byte' })
    tell(recognition.advance(audioBytes / settings.bytesPerMs))
  }

  /** Returns what only the state of the socket makes a fault. */
  function obey({ kind }: ListenMessage): ListenMessageFault | undefined {
    if (kind === 'unreadable') {
      if (behaviour.badMessage === 'close') out.fatal('DATA-0000')
    } else if (kind === 'close-stream') finish()
    else if (kind === 'finalize') {
      if (behaviour.finalize === 'answered') tell(recognition.finalize())
    } else if (audioBytes > 0) armIdle()
    else return { code: 'keepalive-before-audio', detail: 'KeepAlive alone does not keep a socket' }
    return undefined
  }

  function listen(data: RawData, isBinary: boolean): void {
    if (out.closing) return
    const bytes = Buffer.isBuffer(data) ? data : Buffer.alloc(0)
    if (bytes.length > behaviour.messageBytes)
      return deps.blame(fatal('BIG-0000', { code: 'too-large', detail: `${bytes.length} bytes in one message` }))
    if (closeAsked) return deps.blame({ code: 'after-close', detail: isBinary ? 'audio' : 'text' })
    if (isBinary) return audio(bytes)
    const parsed = readListenMessage(bytes.toString())
    const fault = obey(parsed.message)
    deps.received(fault ? { ...parsed, faults: [fault, ...parsed.faults] } : parsed)
  }

  socket.on('message', listen)
  socket.on('ping', (data) => out.pong(data))
  // The socket closes by itself after an error of the websocket protocol.
  socket.on('error', () => {})
  socket.on('close', () => {
    out.gone()
    deps.closed()
  })

  armIdle()
  later(clock, behaviour.lifeMs, over.signal, () => out.fatal('NET-0003'))

  return {
    hear: (saying) => recognition.hear(saying),
    send: (frame) => void out.send(frame),
    strike: (what) => void out.happen(what),
    terminate: () => out.terminate(),
  }
}
