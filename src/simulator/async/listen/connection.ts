import type { Socket } from 'node:net'
import type { RawData, WebSocket } from 'ws'
import type { Clock, Timer } from '../../clock.ts'
import type { ServedSocket } from '../../listening-sockets.ts'
import { createServingEnd } from '../../serving-end.ts'
import { later } from '../../waiting.ts'
import type { ErrorDetail } from '../error-frames.ts'
import { type Happening, oddFrame } from '../incidents.ts'
import type { ListenBehaviour } from './behaviour.ts'
import { type ListenMessageFault, type ParsedListenMessage, readListenMessage } from './client-messages.ts'
import { createRecognition } from './recognition.ts'
import { listenErrorFrame, type Reply, replyFrame } from './server-frames.ts'

export interface ListenConnectionDependencies {
  readonly socket: WebSocket
  readonly tcp: Socket
  readonly clock: Clock
  readonly behaviour: ListenBehaviour
  /** What the handshake found; the socket is told, or not, and closed. */
  readonly refusal: ErrorDetail | 'silent' | undefined
  readonly received: (parsed: ParsedListenMessage) => void
  readonly blame: (fault: ListenMessageFault) => void
  readonly audio: (bytes: Buffer) => void
  readonly closed: () => void
}

/** PCM16 at 16,000 Hz. */
const bytesPerMs = 32
const shortestFrameMs = 250
const longestFrameMs = 500

/** One accepted socket of `/speech_to_text/stream`, from the handshake to its close. */
export function serveListening(deps: ListenConnectionDependencies): ServedSocket<Happening> {
  const { socket, clock, behaviour } = deps
  const over = new AbortController()
  const recognition = createRecognition(behaviour)
  const end = createServingEnd(socket, deps.tcp, () => over.abort())
  let audioBytes = 0
  let finished = false
  /** Only the last frame may be short, so that it takes the next one to know. */
  let shortFrameMs: number | undefined
  let idle: Timer | undefined

  const close = () => end.close(behaviour.closeCode)

  function error(detail: ErrorDetail): void {
    end.send(listenErrorFrame(detail, behaviour.errorForm))
  }

  function armIdle(): void {
    idle?.cancel()
    idle = later(clock, behaviour.idleTimeoutMs, over.signal, () => {
      error({ code: 'TIMEOUT' })
      close()
    })
  }

  function tell(replies: readonly Reply[], delayMs: number, then = () => {}): void {
    later(clock, delayMs, over.signal, () => {
      if (!behaviour.deaf) for (const reply of replies) end.send(replyFrame(reply, behaviour))
      then()
    })
  }

  function finish(): void {
    finished = true
    tell(recognition.finish(), Math.max(behaviour.lastReplyMs, behaviour.latencyMs), () => {
      if (behaviour.afterFinish === 'closes' && !behaviour.deaf) close()
    })
  }

  function audio(bytes: Buffer): void {
    const ms = bytes.length / bytesPerMs
    if (shortFrameMs !== undefined) deps.blame({ code: 'frame-length', detail: `${shortFrameMs} ms of audio` })
    shortFrameMs = ms < shortestFrameMs ? ms : undefined
    if (ms > longestFrameMs) deps.blame({ code: 'frame-length', detail: `${ms} ms of audio` })
    if (bytes.length % 2 !== 0) deps.blame({ code: 'odd-bytes', detail: `${bytes.length} bytes, of samples of 2` })
    audioBytes += bytes.length
    deps.audio(bytes)
    const replies = recognition.advance(audioBytes / bytesPerMs)
    if (replies.length > 0) tell(replies, behaviour.latencyMs)
  }

  function listen(data: RawData, isBinary: boolean): void {
    if (end.closing) return
    armIdle()
    const bytes = Buffer.isBuffer(data) ? data : Buffer.alloc(0)
    if (finished) return deps.blame({ code: 'after-finish', detail: isBinary ? 'audio' : 'text' })
    if (isBinary) return audio(bytes)
    const parsed = readListenMessage(bytes.toString())
    deps.received(parsed)
    if (parsed.message.kind === 'finish') finish()
    else if (behaviour.badMessage === 'error') error({ code: 'INVALID_REQUEST' })
  }

  function happen(what: Happening): void {
    if (what.kind === 'error') {
      error(what)
      if (what.afterwards !== 'go-on') close()
    } else if (what.kind === 'frame') end.send(oddFrame(what.frame, '', what.bytes))
    else if (what.kind === 'drop') end.terminate(what.reset)
    else if (what.kind === 'close') end.close(what.code, what.reason)
    else end.mute(what.kind)
  }

  socket.on('message', listen)
  socket.on('ping', (data) => end.pong(data))
  // The socket closes by itself after an error of the websocket protocol.
  socket.on('error', () => {})
  socket.on('close', () => {
    end.gone()
    deps.closed()
  })

  if (deps.refusal === undefined) {
    armIdle()
    later(clock, behaviour.lifeMs, over.signal, close)
  } else {
    if (deps.refusal !== 'silent') error(deps.refusal)
    close()
  }

  return {
    hear: (saying) => recognition.hear(saying),
    send: (frame) => void end.send(frame),
    strike: happen,
    terminate: () => end.terminate(),
  }
}
