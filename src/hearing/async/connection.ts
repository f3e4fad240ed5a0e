import type { Clock } from '../../ops/clock.ts'
import * as wire from '../../wire/connection.ts'
import { connectionLost, handshakeError, unreachable } from './errors.ts'
import { errorCodeIn, finishMessage, readFrame, type ServerFrame } from './protocol.ts'

/** One websocket to Async's speech to text. No message is known that only keeps it open, so none is sent. */
export function openConnection(
  socketUrl: string,
  clock: Clock,
  events: wire.ConnectionEvents<ServerFrame>,
): wire.Connection<ServerFrame> {
  const peer: wire.Peer<ServerFrame> = {
    socketUrl,
    goodbye: finishMessage,
    read: readFrame,
    refused: ({ status, body }) => handshakeError(status, errorCodeIn(body)),
    unreachable,
    lost: connectionLost,
  }
  return wire.openConnection(peer, clock, events)
}
