import type { BridgeError } from '../../errors.ts'
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

interface Target {
  readonly socketUrl: string
  readonly init: string
  readonly forwarded?: ((afterMs: number) => void) | undefined
}

/** One websocket to Async. A refused handshake may carry an error in either of Async's two JSON forms. */
export function openConnection(target: Target, clock: Clock, events: ConnectionEvents): Connection {
  return wire.openConnection(new AsyncPeer(target), clock, events)
}

class AsyncPeer implements wire.Peer<ServerFrame> {
  readonly #repeated = createRepeatedAudio()
  readonly socketUrl: string
  readonly hello: string
  readonly goodbye = terminateMessage
  readonly keepaliveMs = keepaliveMs
  readonly handled: ((afterMs: number) => void) | undefined

  constructor({ socketUrl, init, forwarded }: Target) {
    this.socketUrl = socketUrl
    this.hello = init
    this.handled = forwarded
  }

  recognise(bytes: Buffer, from: number, to: number): ServerFrame | undefined {
    return this.#repeated.read(bytes, from, to)
  }

  read(data: Buffer, isBinary: boolean): ServerFrame {
    if (isBinary) return { kind: 'unknown' }
    const text = data.toString()
    const frame = readFrame(text)
    this.#repeated.learn(text, frame)
    return frame
  }

  refused({ status, body }: wire.HandshakeAnswer): BridgeError {
    const frame = readFrame(body)
    return handshakeError(status, frame.kind === 'error' ? frame : undefined)
  }

  unreachable(cause: string | undefined): BridgeError {
    return unreachable(cause)
  }

  lost({ closeCode, reason }: Parameters<wire.Peer<ServerFrame>['lost']>[0]): BridgeError {
    return connectionLost({
      ...(closeCode === undefined ? {} : { closeCode }),
      ...(reason === undefined ? {} : { reason }),
    })
  }
}
