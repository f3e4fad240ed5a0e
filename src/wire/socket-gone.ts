import type { WebSocket } from 'ws'
import type { Clock } from '../ops/clock.ts'

/** Leaves the rest of the second that a session has for its close to the socket itself. */
const withinMs = 900

/** Resolves when the socket, which is being closed, is gone; after 0.9 s it is cut off. */
export function socketGone(socket: WebSocket, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(withinMs, () => {
      socket.terminate()
      resolve()
    })
    socket.once('close', () => {
      timer.cancel()
      resolve()
    })
  })
}
