import type { ServerResponse } from 'node:http'
import type { TimelineEntry } from '../../call/timeline-entry.ts'
import type { Clock, Timer } from '../../ops/clock.ts'

/** Keeps proxies from closing a quiet stream, and finds out that a reader is gone. */
const heartbeatMs = 15_000
/** What may wait for a slow reader, who is then dropped, and may come back with Last-Event-ID. */
const maxWaitingBytes = 262_144
/** How long a reader may take for what is left once the call is over. */
const lingerMs = 10_000

/** One reader of server-sent events. Whatever becomes of the reader, `closed` is told once. */
export interface EventStream {
  send(entry: TimelineEntry): void
  /** No more events; the reader gets what waits for it, if it takes it soon. */
  end(): void
  readonly open: boolean
}

/**
 * Answers a request with server-sent events. What waits for a reader has a bound, and so has the time it may wait: a
 * reader that took nothing of it from one heartbeat to the next is cut off.
 *
 * @param response that has its socket: one that waits behind another answer of the same connection has none
 * @param closed told once, when nothing of the stream is left
 */
export function openEventStream(response: ServerResponse, clock: Clock, closed: () => void): EventStream {
  let timer: Timer | undefined
  let open = true
  /** What the reader had taken at the last heartbeat, if more was waiting then. */
  let takenBefore: number | undefined

  response.on('error', () => {})
  response.on('close', close)
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // nginx would hold events back otherwise.
    'x-accel-buffering': 'no',
  })
  response.flushHeaders()
  beat()

  function close(): void {
    if (!open) return
    open = false
    timer?.cancel()
    closed()
  }

  function cut(): void {
    response.destroy()
    close()
  }

  function beat(): void {
    timer = clock.after(heartbeatMs, () => {
      const taken = (response.socket?.bytesWritten ?? 0) - response.writableLength
      if (taken === takenBefore) return cut()
      takenBefore = response.writableLength > 0 ? taken : undefined
      write(': still here\n\n')
      if (open) beat()
    })
  }

  function write(text: string): void {
    if (!open || response.writableEnded) return
    response.write(text)
    if (response.writableLength > maxWaitingBytes) cut()
  }

  return {
    send: (entry) => write(`id: ${entry.sequence}\nevent: ${entry.type}\ndata: ${JSON.stringify(entry)}\n\n`),
    end() {
      if (!open || response.writableEnded) return
      timer?.cancel()
      timer = clock.after(lingerMs, cut)
      response.end()
    },
    get open() {
      return open
    },
  }
}
