import type { BridgeError } from '../../errors.ts'
import type { Clock, Timer } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { Connect } from '../../wire/connection.ts'
import { createLink, type Link, type Manners } from '../../wire/link.ts'
import { type Book, createBook } from './book.ts'
import { type Allowance, createAllowance, flushesAMinute, textAMinute } from './limits.ts'
import type { ServerFrame } from './protocol.ts'

/** One connection, kept by its link, with what is under way on it and what it may still carry. */
export interface Line {
  readonly link: Link
  book: Book
  text: Allowance
  flushes: Allowance
  connected: boolean
  ageTimer: Timer | undefined
}

export interface LineEvents {
  opened(line: Line): void
  frame(line: Line, frame: ServerFrame): void
  lost(line: Line, error: BridgeError, closeCode: number | undefined): void
  down(line: Line, error: BridgeError): void
  /** Whether a lost connection is wanted again at once. */
  wanted(line: Line): boolean
}

const manners: Manners<ServerFrame> = {
  accepts: (frame) => frame.kind !== 'unknown' && frame.kind !== 'malformed' && frame.kind !== 'error',
  isAudio: (frame) => frame.kind === 'audio',
}

/** Begins to connect. No event is called before it has returned. */
export function createLine(connect: Connect<ServerFrame>, events: LineEvents, deps: { clock: Clock; log: Log }): Line {
  const link = createLink(
    connect,
    {
      opened() {
        line.connected = true
        events.opened(line)
      },
      settled() {},
      frame: (frame) => events.frame(line, frame),
      lost(error, closeCode) {
        line.connected = false
        events.lost(line, error, closeCode)
        Object.assign(line, nothingYet())
      },
      down: (error) => events.down(line, error),
      wanted: () => events.wanted(line),
    },
    manners,
    deps,
  )
  const line: Line = { link, connected: false, ageTimer: undefined, ...nothingYet() }
  return line
}

/** Every connection begins with full allowances and nothing under way. */
function nothingYet() {
  return { book: createBook(), text: createAllowance(textAMinute), flushes: createAllowance(flushesAMinute) }
}
