import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { note } from '../call.ts'
import type { StreamIdentity } from './frames.ts'
import { later } from '../../waiting.ts'
import { createInbox } from './inbox.ts'
import type { StreamOptions } from './stream-options.ts'
import { createOutbox } from './outbox.ts'
import { createPacer, type Pacer } from './pacer.ts'
import type { StreamEnd } from './simulated-stream.ts'
import { reportStream } from './stream-status.ts'

export interface RunningStreamOptions extends StreamOptions {
  readonly streamSid: string
  readonly socket: WebSocket
  readonly tcp: Socket | undefined
}

export interface RunningStream {
  readonly openedAtMs: number
  readonly closedAtMs: number | undefined
  readonly closeCode: number | undefined
  readonly framesSent: number
  readonly messagesReceived: number
  readonly ended: Promise<StreamEnd>
  lose(): void
  freeze(): void
  pauseReading(): void
  resumeReading(): void
  sendRaw(text: string): void
}

/** A server that does not answer a close frame is waited for this long. */
const closeGraceMs = 2000

/** A stream on an open socket: `connected`, `start`, frames and keys out, messages in, until one side ends it. */
export function runStream(options: RunningStreamOptions): RunningStream {
  const { bidirectional, call, exchange, leg, noun, parameters, signal, socket, streamSid, tcp } = options
  const { behaviour, clock, closing, faults } = exchange
  const identity: StreamIdentity = {
    streamSid,
    accountSid: call.accountSid,
    callSid: call.sid,
    tracks: tracksOf(noun.track),
    parameters,
  }
  const life = new AbortController()
  const ended = Promise.withResolvers<StreamEnd>()
  const openedAtMs = clock.now()
  const outbox = createOutbox(exchange, leg, socket, identity)
  const inbox = createInbox({
    exchange,
    leg,
    callSid: call.sid,
    streamSid,
    bidirectional,
    signal: life.signal,
    breakOff,
    sendMark: (name) => {
      if (frozen) return
      pacer?.flush()
      outbox.mark(name)
    },
  })
  const removals: (() => void)[] = []
  let pacer: Pacer | undefined
  let closedAtMs: number | undefined
  let closeCode: number | undefined
  let messagesReceived = 0
  let frozen = false

  function begin(): void {
    if (frozen) return
    outbox.start()
    pacer = createPacer({
      clock,
      stepMs: () => (leg.mouth.endMs() > clock.now() ? behaviour.maxSpeechStepMs : behaviour.maxStepMs),
      send: (index, dueMs) => outbox.media(index, dueMs),
      together: (frames) => {
        // One packet for what is due at once.
        tcp?.cork()
        frames()
        tcp?.uncork()
      },
    })
    removals.push(
      leg.stirring.add(() => {
        pacer?.flush()
        pacer?.reschedule()
      }),
    )
    // Keys are told on bidirectional streams only.
    if (bidirectional) removals.push(leg.digits.add((digit) => outbox.dtmf(digit)))
    later(clock, behaviour.loseStreamAfterMs, life.signal, lose)
    later(clock, behaviour.freezeStreamAfterMs, life.signal, freeze)
  }

  /** Ends the stream, once: the first cause counts. */
  function finish(end: StreamEnd, fault?: { code: number; message: string }): boolean {
    if (life.signal.aborted) return false
    life.abort()
    pacer?.stop()
    signal.removeEventListener('abort', stop)
    for (const remove of removals) remove()
    inbox.drop()
    closedAtMs = clock.now()
    note(call, closedAtMs, fault ? `stream broke: ${fault.code}` : 'stream stopped')
    if (fault && !closing.aborted) {
      faults.add(fault.code, fault.message, { callSid: call.sid, streamSid })
      reportStream(exchange, call, noun, streamSid, 'stream-error', `${fault.code}: ${fault.message}`)
    } else if (!closing.aborted) reportStream(exchange, call, noun, streamSid, 'stream-stopped')
    ended.resolve(end)
    return true
  }

  /** As a machine that lost its power, or its way: TCP alone does not notice for minutes. */
  function freeze(): void {
    frozen = true
    pacer?.stop()
    for (const remove of removals) remove()
    socket.pause()
  }

  function stop(): void {
    if (frozen) {
      finish('stopped')
      socket.terminate()
      return
    }
    pacer?.flush()
    // A stream that never started cannot stop.
    if (behaviour.sendStop && pacer) outbox.stop()
    if (finish('stopped') && behaviour.closeAfterStop) close(1000)
  }

  function close(code: number): void {
    socket.resume()
    socket.close(code)
    const limit = later(clock, closeGraceMs, closing, () => socket.terminate())
    socket.once('close', () => limit.cancel())
  }

  function breakOff(message: string): void {
    if (finish('failed', { code: 31_924, message })) close(1002)
  }

  function lose(): void {
    if (tcp) tcp.resetAndDestroy()
    else socket.terminate()
  }

  socket.on('message', (data, isBinary) => {
    messagesReceived++
    if (life.signal.aborted) return
    pacer?.flush()
    inbox.receive(
      Buffer.isBuffer(data) ? data : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)]),
      isBinary,
    )
  })
  socket.on('ping', (data) => {
    if (behaviour.answerPings && !frozen && socket.readyState === socket.OPEN) socket.pong(data)
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code?.startsWith('WS_ERR_')) finish('failed', { code: 31_924, message: error.message })
  })
  socket.on('close', (code) => {
    closeCode = code
    pacer?.flush()
    if (code === 1006) finish('failed', { code: 31_903, message: 'the connection broke without a close frame' })
    else if (code === 1000 || code === 1005) finish('closed')
    else finish('failed', { code: 31_921, message: `the server closed with ${code}` })
  })
  signal.addEventListener('abort', stop, { once: true })

  if (behaviour.pauseReading) socket.pause()
  outbox.connected()
  if (behaviour.startDelayMs > 0) later(clock, behaviour.startDelayMs, life.signal, begin)
  else begin()
  if (signal.aborted) stop()

  return {
    openedAtMs,
    get closedAtMs() {
      return closedAtMs
    },
    get closeCode() {
      return closeCode
    },
    get framesSent() {
      return outbox.framesSent
    },
    get messagesReceived() {
      return messagesReceived
    },
    ended: ended.promise,
    lose,
    freeze,
    pauseReading: () => socket.pause(),
    resumeReading: () => socket.resume(),
    sendRaw: (text) => {
      if (!frozen) outbox.raw(text)
    },
  }
}

function tracksOf(track: string): ('inbound' | 'outbound')[] {
  if (track === 'both_tracks') return ['inbound', 'outbound']
  return track === 'outbound_track' ? ['outbound'] : ['inbound']
}
