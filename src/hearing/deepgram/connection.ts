import type { Clock } from '../../ops/clock.ts'
import * as wire from '../../speech/wire/connection.ts'
import { refusalOf } from '../../speech/wire/deepgram-errors.ts'
import { connectionLost, handshakeError, unreachable } from './errors.ts'
import { closeStreamMessage, errorCodeIn, readFrame, type ServerFrame } from './protocol.ts'

/** Deepgram wants a KeepAlive every 3 to 5 s where no audio is sent, and gives up after 10 s. */
const keepaliveMs = 4000

/** One websocket to Deepgram. The reason of a refused handshake stands in a header, or in the body. */
export function openConnection(
  target: { readonly socketUrl: string; readonly apiKey: string },
  clock: Clock,
  events: wire.ConnectionEvents<ServerFrame>,
): wire.Connection {
  const peer: wire.Peer<ServerFrame> = {
    socketUrl: target.socketUrl,
    headers: { authorization: `Token ${target.apiKey}` },
    goodbye: closeStreamMessage,
    keepaliveMs,
    read: readFrame,
    refused: (answer) => handshakeError(refusalOf(answer, errorCodeIn(answer.body))),
    unreachable,
    lost: connectionLost,
  }
  return wire.openConnection(peer, clock, events)
}
