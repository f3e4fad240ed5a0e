import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import type { RawData, WebSocket } from 'ws'
import type { MediaConnection } from '../call/connection.ts'
import type { LiveCall } from '../call/live-call.ts'
import type { CallRegistry, RefusalReason } from '../call/registry.ts'
import { BridgeError } from '../errors.ts'
import type { Clock } from '../ops/clock.ts'
import { isMaskedMedia, takeCallerAudio } from '../twilio/caller-audio.ts'
import {
  createMarkEncoder,
  createMediaEncoder,
  encodeClear,
  parseStreamMessage,
  type StreamMessage,
} from '../twilio/media-stream.ts'
import { createLiveness, type Loss } from './liveness.ts'
import { closeSoon, type MediaSockets } from './media-sockets.ts'
import type { Refusals } from './refusals.ts'
import { readMaskedAscii } from '../wire/masked-text.ts'
import { readPastAsServer } from '../wire/read-past.ts'
import { textFrame } from '../wire/text-frame.ts'

/** A socket that has not said `start` by then is not a phone call. */
const startWithinMs = 5_000

/**
 * Ties one media websocket, already known to be Twilio's by its handshake, to the call that its `start` names.
 *
 * @param tcp what the websocket runs over
 */
export function serveMediaSocket(
  socket: WebSocket,
  tcp: Socket,
  deps: {
    readonly registry: CallRegistry
    readonly clock: Clock
    readonly log: Logger
    readonly sockets: MediaSockets
    readonly refusals: Refusals
    readonly lookEveryMs: number
    readonly malformedMessage: () => void
  },
): void {
  const { registry, clock, sockets, lookEveryMs } = deps
  let log = deps.log
  const liveness = createLiveness()
  let call: LiveCall | undefined
  /** Of the call. */
  let attention: LiveCall['attention'] = { listening: false, audio() {} }
  let streamSid: string | undefined
  /** Anything came since the last look. */
  let heard = false
  let malformed = 0
  let refused = false
  let closing = false
  const startTimer = clock.after(startWithinMs, () => refuse('no-start'))
  let lookTimer = clock.after(lookEveryMs, look)
  sockets.add(socket)

  function refuse(why: RefusalReason | 'no-start' | 'second-stream'): void {
    refused = true
    if (deps.refusals.count(why)) log.warn({ why }, 'media stream refused')
    close(1008, why)
  }

  function close(code: number, reason: string): void {
    if (closing) return
    closing = true
    closeSoon(socket, clock, code, reason)
  }

  /** Past `ws`, which without compression holds nothing back that this could overtake. */
  function write(frames: string): void {
    if (closing || socket.readyState !== socket.OPEN) return
    if (!tcp.write(frames, 'latin1') && liveness.tooSlow(socket.bufferedAmount)) lose('too-slow')
  }

  function look(): void {
    const loss = liveness.look({ heard, writtenBytes: tcp.bytesWritten, bufferedBytes: socket.bufferedAmount })
    heard = false
    if (loss) return lose(loss)
    if (socket.readyState === socket.OPEN) socket.ping(liveness.pinged(tcp.bytesWritten))
    lookTimer = clock.after(lookEveryMs, look)
  }

  function lose(loss: Loss): void {
    log.warn({ loss, callSid: call?.callSid }, 'media socket given up')
    call?.end('stream-lost', gone(loss))
    close(1001, loss)
  }

  function start(message: Extract<StreamMessage, { event: 'start' }>): void {
    // Between our close frame and its answer messages still come in.
    if (refused || streamSid !== undefined) return
    streamSid = message.streamSid
    startTimer.cancel()
    const { callSid, accountSid, customParameters } = message
    log = log.child({ callSid, streamSid })
    const admission = registry.admit({ callSid, accountSid, parameters: customParameters })
    if ('refused' in admission) return refuse(admission.refused)
    const { call: admitted } = admission
    if (!admitted.attach(mediaConnection(streamSid, write, close), streamSid)) return refuse('second-stream')
    call = admitted
    attention = admitted.attention
    sockets.started(socket)
  }

  function receive(message: StreamMessage): void {
    switch (message.event) {
      case 'start':
        return start(message)
      case 'mark':
        if (message.streamSid === streamSid) call?.echoed(message.name)
        return
      case 'dtmf':
        if (message.streamSid === streamSid) call?.key(message.digit)
        return
      case 'stop':
        if (message.streamSid === streamSid) call?.streamGone('callee-hung-up')
        return
      case 'malformed':
        malformed++
        deps.malformedMessage()
        if (malformed === 1) log.warn({ problem: message.problem }, 'message of the media stream ignored')
        return
      case 'media':
        // An outbound track is what we said ourselves.
        if (message.streamSid === streamSid && message.track === 'inbound')
          call?.audio(message.payload, message.timestampMs)
        return
      case 'connected':
      case 'unknown':
        return
    }
  }

  /** Whether it was caller audio as it mostly comes; while nobody listens, it is told from its first bytes and dropped. */
  function audio(bytes: Buffer, from: number, to: number): boolean {
    if (!attention.listening) return isMaskedMedia(bytes, from, to)
    return streamSid !== undefined && takeCallerAudio(bytes, from, to, streamSid, attention)
  }

  readPastAsServer(tcp, (bytes, from, to) => {
    if (!audio(bytes, from, to)) {
      const text = readMaskedAscii(bytes, from, to)
      if (text === undefined) return false
      receive(parseStreamMessage(text))
    }
    heard = true
    return true
  })
  socket.on('message', (data, isBinary) => {
    heard = true
    receive(parseStreamMessage(bytesOf(data), isBinary))
  })
  socket.on('ping', () => {
    heard = true
  })
  socket.on('pong', (carried) => {
    heard = true
    liveness.answered(carried.toString())
  })
  socket.on('error', (error) => log.warn({ problem: error.message }, 'media socket failed'))
  socket.on('close', (code) => {
    startTimer.cancel()
    lookTimer.cancel()
    if (malformed > 0) log.warn({ malformed }, 'messages of the media stream were ignored')
    // 1000 and 1005 (no code) are an orderly end; everything else tore the stream out of the call.
    if (code === 1000 || code === 1005) call?.streamGone('callee-hung-up')
    else call?.streamGone('stream-lost', lost(code))
  })
}

function mediaConnection(
  streamSid: string,
  write: (frames: string) => void,
  close: MediaConnection['close'],
): MediaConnection {
  const media = createMediaEncoder(streamSid)
  const mark = createMarkEncoder(streamSid)
  return {
    media(payload, markName) {
      const frame = textFrame(media(payload))
      write(markName === undefined ? frame : frame + textFrame(mark(markName)))
    },
    mark: (name) => write(textFrame(mark(name))),
    clear: () => write(textFrame(encodeClear(streamSid))),
    close,
  }
}

/** A server socket hands out Buffers; the other two forms of the type are only for sockets set up otherwise. */
function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}

function lost(closeCode: number): BridgeError {
  return new BridgeError('stream.lost', `Twilio's media websocket broke off with close code ${closeCode}.`, {
    details: { closeCode },
  })
}

const losses: Readonly<Record<Loss, string>> = {
  silent: 'Nothing came on the media websocket any more, not even silence.',
  'not-reading': 'Twilio stopped answering on the media websocket.',
  stuck: 'The media websocket takes no more data.',
  'too-slow': 'Twilio reads the media websocket too slowly.',
}

function gone(loss: Loss): BridgeError {
  return new BridgeError('stream.lost', losses[loss], { details: { loss } })
}
