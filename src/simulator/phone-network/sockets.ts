import type { Socket } from 'node:net'
import { type Clock, isStepped } from '../clock.ts'

/** Every socket of the network: watched by a stepped clock, and destroyed at the end. */
export interface Sockets {
  add(socket: Socket): void
  destroyAll(): void
}

export function createSockets(clock: Clock): Sockets {
  const open = new Set<Socket>()
  return {
    add(socket) {
      if (open.has(socket) || socket.destroyed) return
      open.add(socket)
      const unwatch = isStepped(clock)
        ? clock.watch(() => (socket.bytesRead || 0) + (socket.bytesWritten || 0))
        : () => {}
      socket.once('close', () => {
        unwatch()
        open.delete(socket)
      })
    },
    destroyAll() {
      for (const socket of open) socket.destroy()
    },
  }
}
