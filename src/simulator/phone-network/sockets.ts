import type { Socket } from 'node:net'
import type { Clock } from '../clock.ts'
import { watchSocket } from '../watched-socket.ts'

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
      watchSocket(clock, socket)
      socket.once('close', () => open.delete(socket))
    },
    destroyAll() {
      for (const socket of open) socket.destroy()
    },
  }
}
