import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import type { RawData, WebSocket } from 'ws'
import type { MediaConnection } from '../call/connection.ts'
import type { LiveCall } from '../call/live-call.ts'
import type { CallRegistry, RefusalReason } from '../call/registry.ts'
import type { Clock, Timer } from '../ops/clock.ts'
import { isMaskedMedia, takeCallerAudio } from '../twilio/caller-audio.ts'
import {
  encodeClear,
  encodeMark,
  encodeMedia,
  mediaHead,
  parseStreamMessage,
  type StreamMessage,
} from '../twilio/media-stream.ts'
import { createLiveness, type Loss } from './liveness.ts'
import { closeSoon, type MediaSockets } from './media-sockets.ts'
import type { Refusals } from './refusals.ts'
import { brokenOff, givenUp } from './stream-lost.ts'
import { FastPath } from '../wire/fast-path.ts'
import { readMaskedAscii } from '../wire/masked-text.ts'
import { writeBytes } from '../wire/one-write.ts'
import { readPastAsServer } from '../wire/read-past.ts'
import { textFrame } from '../wire/text-frame.ts'

/** A socket that has not said `start` by then is not a phone call. */
const startWithinMs = 5_000

interface MediaSocketDeps {
  readonly registry: CallRegistry
  readonly clock: Clock
  readonly log: Logger
  readonly sockets: MediaSockets
  readonly refusals: Refusals
  readonly lookEveryMs: number
  readonly malformedMessage: () => void
}

/**
 * Ties one media websocket, already known to be Twilio's by its handshake, to the call that its `start` names.
 *
 * @param tcp what the websocket runs over
 */
export function serveMediaSocket(socket: WebSocket, tcp: Socket, deps: MediaSocketDeps): void {
  readPastAsServer(tcp, new MediaSocket(socket, tcp, deps))
}

const nobodyListens = { listening: false, audio() {} }

/** The call speaks into it as its `MediaConnection`. */
class MediaSocket extends FastPath implements MediaConnection {
  // What each frame looks at, in either direction, comes first.
  /** Of the call. */
  #attention: LiveCall['attention'] = nobodyListens
  /** Anything came since the last look. */
  #heard = false
  #closing = false
  readonly #socket: WebSocket
  readonly #tcp: Socket
  /** Of each media message. */
  #mediaHead = ''
  /** Empty before `start`, as are the head and the call's. */
  #streamSid = ''
  #callSid = ''
  #call: LiveCall | undefined
  readonly #deps: MediaSocketDeps
  readonly #liveness = createLiveness()
  #malformed = 0
  #refused = false
  #startTimer: Timer | undefined
  #lookTimer: Timer

  constructor(socket: WebSocket, tcp: Socket, deps: MediaSocketDeps) {
    super(true)
    this.#socket = socket
    this.#tcp = tcp
    this.#deps = deps
    this.#startTimer = deps.clock.after(startWithinMs, () => this.#refuse('no-start'))
    this.#lookTimer = this.#lookLater()
    deps.sockets.add(socket)
    socket.on('message', (data, isBinary) => {
      this.#heard = true
      this.#receive(parseStreamMessage(bytesOf(data), isBinary))
    })
    socket.on('ping', () => {
      this.#heard = true
    })
    socket.on('pong', (carried) => {
      this.#heard = true
      this.#liveness.answered(carried.toString())
    })
    socket.on('error', (error) => {
      socket.terminate()
      this.#warn({ problem: error.message }, 'media socket failed')
    })
    socket.on('close', (code) => this.#closed(code))
  }

  media(payload: string, markName?: string): void {
    const frame = textFrame(encodeMedia(this.#mediaHead, payload))
    this.#write(markName === undefined ? frame : frame + textFrame(encodeMark(this.#streamSid, markName)))
  }

  mark(name: string): void {
    this.#write(textFrame(encodeMark(this.#streamSid, name)))
  }

  clear(): void {
    this.#write(textFrame(encodeClear(this.#streamSid)))
  }

  close(code: number, reason: string): void {
    if (this.#closing) return
    this.#closing = true
    closeSoon(this.#socket, this.#deps.clock, code, reason)
  }

  protected override take(bytes: Buffer, from: number, to: number): boolean {
    if (!this.#audio(bytes, from, to)) {
      const text = readMaskedAscii(bytes, from, to)
      if (text === undefined) return false
      this.#receive(parseStreamMessage(text))
    }
    this.#heard = true
    return true
  }

  /** Whether it was caller audio as it mostly comes; while nobody listens, it is told from its first bytes and dropped. */
  #audio(bytes: Buffer, from: number, to: number): boolean {
    if (!this.#attention.listening) return isMaskedMedia(bytes, from, to)
    return takeCallerAudio(bytes, from, to, this.#streamSid, this.#attention)
  }

  /** Past `ws`, which without compression holds nothing back that this could overtake. */
  #write(frames: string): void {
    const socket = this.#socket
    if (this.#closing || socket.readyState !== socket.OPEN) return
    if (!writeBytes(this.#tcp, frames) && this.#liveness.tooSlow(socket.bufferedAmount)) this.#lose('too-slow')
  }

  #refuse(why: RefusalReason | 'no-start' | 'second-stream'): void {
    this.#refused = true
    if (this.#deps.refusals.count(why)) this.#warn({ why }, 'media stream refused')
    this.close(1008, why)
  }

  #lookLater(): Timer {
    return this.#deps.clock.after(this.#deps.lookEveryMs, () => this.#look())
  }

  #look(): void {
    const [socket, tcp] = [this.#socket, this.#tcp]
    const seen = { heard: this.#heard, writtenBytes: tcp.bytesWritten, bufferedBytes: socket.bufferedAmount }
    const loss = this.#liveness.look(seen)
    this.#heard = false
    if (loss) return this.#lose(loss)
    if (socket.readyState === socket.OPEN) socket.ping(this.#liveness.pinged(tcp.bytesWritten))
    this.#lookTimer = this.#lookLater()
  }

  #lose(loss: Loss): void {
    this.#warn({ loss }, 'media socket given up')
    this.#call?.end('stream-lost', givenUp(loss))
    this.close(1001, loss)
  }

  #start({ streamSid, callSid, accountSid, customParameters }: Extract<StreamMessage, { event: 'start' }>): void {
    // Between our close frame and its answer messages still come in.
    if (this.#refused || this.#streamSid !== '') return
    this.#streamSid = streamSid
    this.#mediaHead = mediaHead(streamSid)
    this.#callSid = callSid
    this.#startTimer?.cancel()
    this.#startTimer = undefined
    const admission = this.#deps.registry.admit({ callSid, accountSid, parameters: customParameters })
    if ('refused' in admission) return this.#refuse(admission.refused)
    const { call } = admission
    if (!call.attach(this, streamSid)) return this.#refuse('second-stream')
    this.#call = call
    this.#attention = call.attention
    this.#deps.sockets.started(this.#socket)
  }

  #receive(message: StreamMessage): void {
    switch (message.event) {
      case 'start':
        return this.#start(message)
      case 'mark':
        if (message.streamSid === this.#streamSid) this.#call?.echoed(message.name)
        return
      case 'dtmf':
        if (message.streamSid === this.#streamSid) this.#call?.key(message.digit)
        return
      case 'stop':
        if (message.streamSid === this.#streamSid) this.#call?.streamGone('callee-hung-up')
        return
      case 'malformed':
        this.#malformed++
        this.#deps.malformedMessage()
        if (this.#malformed === 1) this.#warn({ problem: message.problem }, 'message of the media stream ignored')
        return
      case 'media':
        // An outbound track is what we said ourselves.
        if (message.streamSid === this.#streamSid && message.track === 'inbound')
          this.#call?.audio(message.payload, message.timestampMs)
        return
      case 'connected':
      case 'unknown':
        return
    }
  }

  #closed(code: number): void {
    this.#deps.sockets.closed(this.#socket)
    this.#startTimer?.cancel()
    this.#lookTimer.cancel()
    if (this.#malformed > 0) this.#warn({ malformed: this.#malformed }, 'messages of the media stream were ignored')
    // 1000 and 1005 (no code) are an orderly end; everything else tore the stream out of the call.
    if (code === 1000 || code === 1005) this.#call?.streamGone('callee-hung-up')
    else this.#call?.streamGone('stream-lost', brokenOff(code))
  }

  #warn(facts: Readonly<Record<string, string | number>>, message: string): void {
    const [callSid, streamSid] = [this.#callSid, this.#streamSid]
    this.#deps.log.warn(streamSid === '' ? facts : { callSid, streamSid, ...facts }, message)
  }
}

/** A server socket hands out Buffers; the other two forms of the type are only for sockets set up otherwise. */
function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}
