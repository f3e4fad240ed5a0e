import type { WebSocket } from 'ws'
import { silence } from '../../../audio/mulaw.ts'
import type { Exchange } from '../exchange.ts'
import { frameBytes, frameMs } from '../frame.ts'
import type { Leg } from '../phone/leg.ts'
import {
  connectedFrame,
  dtmfFrame,
  type FrameStyle,
  markFrame,
  mediaFrame,
  type StreamIdentity,
  startFrame,
  stopFrame,
} from './frames.ts'

/** Live: 1,438 ms of timestamp where 1,440 ms had passed. */
const drift = 1438 / 1440

/** What the network says on a stream: one counter over all messages, timestamps that start somewhere. */
export interface Outbox {
  readonly framesSent: number
  connected(): void
  start(): void
  /** The frame with this number, counted from 1, that is due at `dueMs`. */
  media(index: number, dueMs: number): void
  dtmf(digit: string): void
  mark(name: string): void
  stop(): void
  raw(text: string): void
}

export function createOutbox(exchange: Exchange, leg: Leg, socket: WebSocket, identity: StreamIdentity): Outbox {
  const { behaviour, random } = exchange
  const { callSid, streamSid } = identity
  const firstMs = behaviour.firstTimestampMs === 'random' ? 57 + Math.floor(random() * 115) : behaviour.firstTimestampMs
  let sequenceNumber = 0
  const chunks = { inbound: 0, outbound: 0 }
  let framesSent = 0
  let overflowed = false

  const style = (): FrameStyle => behaviour
  const send = (text: string) => {
    if (socket.readyState === socket.OPEN) socket.send(text)
  }

  function overflow(): boolean {
    if (socket.bufferedAmount <= behaviour.upstreamLimitBytes) return false
    if (!overflowed)
      exchange.faults.add(31_930, 'the server reads too slowly; caller audio is discarded', { callSid, streamSid })
    overflowed = true
    return true
  }

  function payload(track: 'inbound' | 'outbound', dueMs: number): string {
    const speech = track === 'inbound' ? leg.mouth.frame(dueMs) : leg.playout.timeline(dueMs - frameMs, dueMs)
    if (!speech && behaviour.silence !== 'mixed') return silentPayload[behaviour.silence]
    const frame = Buffer.alloc(frameBytes)
    for (let i = 0; i < frameBytes; i++) frame[i] = speech?.[i] ?? silentByte(behaviour.silence, random)
    return frame.toString('base64')
  }

  return {
    get framesSent() {
      return framesSent
    },
    connected: () => send(connectedFrame(style())),
    start: () => send(startFrame(++sequenceNumber, identity, style())),
    media(index, dueMs) {
      const passedMs = (index - 1) * frameMs
      const timestampMs = firstMs + Math.floor(behaviour.timestampDrift ? passedMs * drift : passedMs)
      for (const track of identity.tracks) {
        const sound = payload(track, dueMs)
        if (overflow() || (behaviour.lostFrames > 0 && random() < behaviour.lostFrames)) continue
        const frame = { sequenceNumber: ++sequenceNumber, chunk: ++chunks[track], timestampMs, track, payload: sound }
        send(mediaFrame(streamSid, frame, style()))
        framesSent++
      }
    },
    dtmf: (digit) => send(dtmfFrame(streamSid, ++sequenceNumber, digit, style())),
    mark: (name) => send(markFrame(streamSid, ++sequenceNumber, name, style())),
    stop: () => send(stopFrame(identity, ++sequenceNumber, style())),
    raw: send,
  }
}

/** Most frames of a call are silent. */
const silentPayload = {
  ff: Buffer.alloc(frameBytes, silence).toString('base64'),
  '7f': Buffer.alloc(frameBytes, 0x7f).toString('base64'),
}

function silentByte(mode: 'ff' | '7f' | 'mixed', random: () => number): number {
  if (mode === 'ff') return silence
  if (mode === '7f') return 0x7f
  return random() < 0.5 ? silence : 0x7f
}
