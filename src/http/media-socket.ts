import type { Logger } from 'pino'
import type { RawData, WebSocket } from 'ws'
import type { MediaConnection } from '../call/connection.ts'
import type { LiveCall } from '../call/live-call.ts'
import type { CallRegistry, RefusalReason } from '../call/registry.ts'
import { BridgeError } from '../errors.ts'
import type { Clock } from '../ops/clock.ts'
import {
  createMediaEncoder,
  encodeClear,
  encodeMark,
  isPlainMedia,
  parseStreamMessage,
  type StreamMessage,
} from '../twilio/media-stream.ts'
import { blindEdge, type EdgeObserver } from './observer.ts'

/** A socket that has not said `start` by then is not a phone call. */
const startWithinMs = 5_000
/** A peer that does not answer our close frame is cut off. */
const closeWithinMs = 1_000

/** Ties one media websocket, already known to be Twilio's by its handshake, to the call that its `start` names. */
export function serveMediaSocket(
  socket: WebSocket,
  deps: {
    readonly registry: CallRegistry
    readonly clock: Clock
    readonly log: Logger
    readonly observer?: EdgeObserver
  },
): void {
  const { registry, clock, observer = blindEdge } = deps
  let log = deps.log
  const connection = mediaConnection(socket, clock)
  let call: LiveCall | undefined
  let streamSid: string | undefined
  let malformed = 0
  let refused = false
  const startTimer = clock.after(startWithinMs, () => refuse('no-start'))

  function refuse(why: RefusalReason | 'no-start' | 'second-stream'): void {
    refused = true
    observer.refused(why)
    log.warn({ why }, 'media stream refused')
    connection.close(1008, why)
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
    if (!admitted.attach(connection, frameEncoders(streamSid), streamSid)) return refuse('second-stream')
    call = admitted
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
        if (message.streamSid === streamSid) call?.end('callee-hung-up')
        return
      case 'malformed':
        malformed++
        observer.malformedMessage()
        if (malformed === 1) log.warn({ problem: message.problem }, 'message of the media stream ignored')
        return
      case 'media':
      case 'connected':
      case 'unknown':
        return
    }
  }

  socket.on('message', (data, isBinary) => {
    const bytes = bytesOf(data)
    // Nobody listens to the caller yet.
    if (!isBinary && isPlainMedia(bytes)) return
    receive(parseStreamMessage(bytes, isBinary))
  })
  socket.on('error', (error) => log.warn({ problem: error.message }, 'media socket failed'))
  socket.on('close', (code) => {
    startTimer.cancel()
    if (malformed > 0) log.warn({ malformed }, 'messages of the media stream were ignored')
    // 1000 and 1005 (no code) are an orderly end; everything else tore the stream out of the call.
    if (code === 1000 || code === 1005) call?.end('callee-hung-up')
    else call?.end('stream-lost', lost(code))
  })
}

function mediaConnection(socket: WebSocket, clock: Clock): MediaConnection {
  let closing = false
  return {
    send(frame) {
      if (!closing && socket.readyState === socket.OPEN) socket.send(frame)
    },
    close(code, reason) {
      if (closing) return
      closing = true
      socket.close(code, reason)
      const timer = clock.after(closeWithinMs, () => socket.terminate())
      socket.once('close', () => timer.cancel())
    },
  }
}

/** A server socket hands out Buffers; the other two forms of the type are only for sockets set up otherwise. */
function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}

function frameEncoders(streamSid: string) {
  return {
    media: createMediaEncoder(streamSid),
    mark: (name: string) => encodeMark(streamSid, name),
    clear: () => encodeClear(streamSid),
  }
}

function lost(closeCode: number): BridgeError {
  return new BridgeError('stream.lost', `Twilio's media websocket broke off with close code ${closeCode}.`, {
    details: { closeCode },
  })
}
