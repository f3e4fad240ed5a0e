import type { Clock } from '../../ops/clock.ts'
import * as wire from '../../wire/connection.ts'
import { refusalOf } from '../../wire/deepgram-errors.ts'
import { connectionLost, handshakeError, unreachable } from './errors.ts'
import { closeMessage, errorCodeIn, readFrame, type ServerFrame } from './protocol.ts'

/** One websocket to Deepgram. The reason of a refused handshake stands in a header, or in the body. */
export function openConnection(
  target: { socketUrl: string; apiKey: string; forwarded?: ((afterMs: number) => void) | undefined },
  clock: Clock,
  events: wire.ConnectionEvents<ServerFrame>,
): wire.Connection<ServerFrame> {
  const peer: wire.Peer<ServerFrame> = {
    socketUrl: target.socketUrl,
    headers: { authorization: `Token ${target.apiKey}` },
    goodbye: closeMessage,
    handled: target.forwarded,
    read: readFrame,
    refused: (answer) => handshakeError(refusalOf(answer, errorCodeIn(answer.body))),
    unreachable,
    lost: connectionLost,
  }
  return wire.openConnection(peer, clock, events)
}
