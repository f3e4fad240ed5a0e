import type { BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { Connect } from '../../wire/connection.ts'
import { createLine, type Line } from './line.ts'
import { goodForMs } from './limits.ts'
import type { ServerFrame } from './protocol.ts'

/** How soon another fresh connection is tried for after one could not be had. */
const tryAgainMs = 10_000

export interface LinesEvents {
  /** A connection can be spoken on, or switched to. */
  opened(): void
  frame(frame: ServerFrame): void
  /** The present connection is gone, with what was under way on it. */
  lost(error: BridgeError, closeCode: number | undefined): void
  down(error: BridgeError): void
  wanted(): boolean
}

/** The connection that is spoken on, and at times the one that will be: it is opened before the other is closed. */
export interface Lines {
  readonly current: Line
  /** Whether nothing new is to be sent on the present connection, since a fresh one waits. */
  readonly draining: boolean
  /** Whether a fresh connection is open or being opened. */
  readonly preparing: boolean
  /** Opens a fresh connection, unless one is being opened or could not be had just now. */
  prepare(): void
  /** Goes over to the fresh connection if it is open and nothing is under way on the present one. */
  promote(): void
  /** Leaves the present connection at once. */
  replace(): void
  close(): Promise<void>
}

export function createLines(
  connect: Connect<ServerFrame>,
  events: LinesEvents,
  deps: { clock: Clock; log: Log },
): Lines {
  const { clock } = deps
  const leaving = new Set<Promise<void>>()
  let next: Line | undefined
  let notBefore = 0
  let current = begin()

  function begin(): Line {
    return createLine(
      connect,
      {
        opened(line) {
          line.ageTimer?.cancel()
          line.ageTimer = clock.after(goodForMs, () => {
            if (line === current && line.connected) prepare()
          })
          events.opened()
        },
        frame(line, frame) {
          if (line === current) events.frame(frame)
        },
        lost(line, error, closeCode) {
          line.ageTimer?.cancel()
          if (line === next) {
            next = undefined
            notBefore = clock.now() + tryAgainMs
            leave(line)
          } else if (line === current) {
            events.lost(error, closeCode)
            if (line === current && next) goOver(next)
          }
        },
        down(line, error) {
          if (line === current) events.down(error)
        },
        wanted: (line) => line === current && events.wanted(),
      },
      deps,
    )
  }

  function leave(line: Line): void {
    line.ageTimer?.cancel()
    line.connected = false
    const gone = line.link.close().finally(() => leaving.delete(gone))
    leaving.add(gone)
  }

  function prepare(): void {
    if (!next && clock.now() >= notBefore) next = begin()
  }

  function goOver(to: Line): void {
    leave(current)
    current = to
    next = undefined
  }

  return {
    get current() {
      return current
    },
    get draining() {
      return next?.connected === true
    },
    get preparing() {
      return next !== undefined
    },
    prepare,
    promote() {
      const { segments, clearingSince } = current.book
      if (next?.connected && segments.length === 0 && clearingSince === undefined) goOver(next)
    },
    replace: () => goOver(next ?? begin()),
    async close() {
      for (const line of next ? [current, next] : [current]) leave(line)
      await Promise.all(leaving)
    },
  }
}
