import type { Clock } from '../../ops/clock.ts'
import * as wire from '../../wire/connection.ts'
import { refusalOf } from '../../wire/deepgram-errors.ts'
import { connectionLost, handshakeError, unreachable } from './errors.ts'
import { closeStreamMessage, errorCodeIn } from './protocol.ts'

export interface Target<Frame> extends Pick<wire.Peer<Frame>, 'socketUrl' | 'keepaliveMs' | 'read'> {
  readonly apiKey: string
}

/** One websocket to Deepgram. The reason of a refused handshake stands in a header, or in the body. */
export function openConnection<Frame>(
  { apiKey, ...target }: Target<Frame>,
  clock: Clock,
  events: wire.ConnectionEvents<Frame>,
): wire.Connection<Frame> {
  const peer: wire.Peer<Frame> = {
    ...target,
    headers: { authorization: `Token ${apiKey}` },
    goodbye: closeStreamMessage,
    refused: (answer) => handshakeError(refusalOf(answer, errorCodeIn(answer.body))),
    unreachable,
    lost: connectionLost,
  }
  return wire.openConnection(peer, clock, events)
}
