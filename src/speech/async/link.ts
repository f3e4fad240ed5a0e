import type { Clock } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import * as wire from '../../wire/link.ts'
import type { Connect } from './connection.ts'
import { closedAtOnce } from './errors.ts'
import { keepaliveMessage, type ServerFrame } from './protocol.ts'

type LinkEvents = wire.LinkEvents<ServerFrame> & {
  /** The context that is being spoken. */
  contextId(): string | undefined
}

const manners: wire.Manners<ServerFrame> = {
  accepts: (frame) => frame.kind === 'ack' || frame.kind === 'audio',
  isAudio: (frame) => frame.kind === 'audio',
  closedAtOnce,
}

/** Keeps a session connected to Async. */
export function createLink(connect: Connect, events: LinkEvents, deps: { clock: Clock; log: Log }): wire.Link {
  return wire.createLink(connect, { ...events, keepalive: () => keepaliveMessage(events.contextId()) }, manners, deps)
}
