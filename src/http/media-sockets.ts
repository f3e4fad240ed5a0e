import type { WebSocket } from 'ws'
import type { Clock } from '../ops/clock.ts'

/** A peer that does not answer our close frame is cut off. */
const closeWithinMs = 1_000

/**
 * The media websockets that are open. A socket is pending until its `start` was accepted; the pending ones are capped,
 * since the signature of a handshake is the same for every call and could be replayed. Not per address: all of
 * Twilio's sockets come through few.
 */
export interface MediaSockets {
  readonly pending: number
  /** Whether one more pending socket would be too many. */
  readonly full: boolean
  add(socket: WebSocket): void
  started(socket: WebSocket): void
  closed(socket: WebSocket): void
  /** Closes what is open, and cuts off who does not answer. */
  closeAll(code: number, reason: string): void
}

export function createMediaSockets(clock: Clock, maxPending: number): MediaSockets {
  const open = new Set<WebSocket>()
  const pending = new Set<WebSocket>()
  return {
    get pending() {
      return pending.size
    },
    get full() {
      return pending.size >= maxPending
    },
    add(socket) {
      open.add(socket)
      pending.add(socket)
    },
    started: (socket) => void pending.delete(socket),
    closed(socket) {
      open.delete(socket)
      pending.delete(socket)
    },
    closeAll(code, reason) {
      for (const socket of open) closeSoon(socket, clock, code, reason)
    },
  }
}

/** Closes with a close frame, and without one where the peer does not answer it. */
export function closeSoon(socket: WebSocket, clock: Clock, code: number, reason: string): void {
  socket.close(code, reason)
  const timer = clock.after(closeWithinMs, () => socket.terminate())
  socket.once('close', () => timer.cancel())
}
