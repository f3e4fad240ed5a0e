import type { Socket } from 'node:net'
import { type Clock, isStepped } from './clock.ts'

/** Whatever moves on `socket` keeps a stepped clock from moving on, until the socket closes. */
export function watchSocket(clock: Clock, socket: Socket): void {
  if (!isStepped(clock)) return
  const unwatch = clock.watch(
    () => (socket.bytesRead || 0) + (socket.bytesWritten || 0),
    () => clock.loopback?.atRest(socket) ?? false,
  )
  socket.once('close', unwatch)
}
