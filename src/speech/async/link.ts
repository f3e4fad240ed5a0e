import type { BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import * as wire from '../../wire/link.ts'
import type { Connect } from './connection.ts'
import { closedAtOnce } from './errors.ts'
import type { ServerFrame } from './protocol.ts'

export type LinkEvents = wire.LinkEvents<ServerFrame>

/** What those who speak and listen ask of the session's connection. */
export interface Service {
  send(message: string): void
  /** Connects again if it had given up. */
  wake(): void
  /** Leaves the connection for a new one; `Turns.disconnected` is called meanwhile. */
  replace(): void
  /** The connection is of no use any more. */
  lose(error: BridgeError, delayMs?: number): void
  /** The service will not speak to us at all. */
  refuse(error: BridgeError): void
  hasBeenReady(): boolean
  /** The connection was accepted. */
  accepted(): void
  /** The connection is over, without an error by our own will: `Turns.disconnected` is called. */
  gone(error?: BridgeError): void
}

const manners: wire.Manners<ServerFrame> = {
  accepts: (frame) => frame.kind === 'ack' || frame.kind === 'audio',
  isAudio: (frame) => frame.kind === 'audio',
  closedAtOnce,
}

/** Keeps a session connected to Async. */
export function createLink(connect: Connect, events: LinkEvents, deps: { clock: Clock; log: Log }): wire.Link {
  return wire.createLink(connect, events, manners, deps)
}
