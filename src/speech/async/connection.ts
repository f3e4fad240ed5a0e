import type { Clock } from '../../ops/clock.ts'
import * as wire from '../../wire/connection.ts'
import { connectionLost, handshakeError, unreachable } from './errors.ts'
import { readFrame, type ServerFrame, terminateMessage } from './protocol.ts'
import { createRepeatedAudio } from './repeated-audio.ts'

/** Async ends a socket after 60.0 s without a message; four keepalives fit into that. */
const keepaliveMs = 15_000

export type ConnectionEvents = wire.ConnectionEvents<ServerFrame>
export type Connect = wire.Connect<ServerFrame>
export type Connection = wire.Connection<ServerFrame>

/** One websocket to Async. A refused handshake may carry an error in either of Async's two JSON forms. */
export function openConnection(
  target: { socketUrl: string; init: string; forwarded?: ((afterMs: number) => void) | undefined },
  clock: Clock,
  events: ConnectionEvents,
): Connection {
  const repeated = createRepeatedAudio()

  function read(text: string): ServerFrame {
    const frame = readFrame(text)
    repeated.learn(text, frame)
    return frame
  }

  const peer: wire.Peer<ServerFrame> = {
    socketUrl: target.socketUrl,
    hello: target.init,
    goodbye: terminateMessage,
    keepaliveMs,
    handled: target.forwarded,
    read: (data, isBinary) => (isBinary ? { kind: 'unknown' } : read(data.toString())),
    recognise: (bytes, from, to) => repeated.read(bytes, from, to),
    refused({ status, body }) {
      const frame = readFrame(body)
      return handshakeError(status, frame.kind === 'error' ? frame : undefined)
    },
    unreachable,
    lost: ({ closeCode, reason }) =>
      connectionLost({
        ...(closeCode === undefined ? {} : { closeCode }),
        ...(reason === undefined ? {} : { reason }),
      }),
  }
  return wire.openConnection(peer, clock, events)
}
