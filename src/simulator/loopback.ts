import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/** One end of a TCP connection inside this process. */
interface End {
  readonly socket: Socket
  readonly sinceMs: number
  peer?: End
}

/**
 * What this process says to itself over TCP, counted at both ends: so it is known, and not guessed from a while of
 * silence, that nothing is on its way. Node tells of every socket that is made from then on.
 */
export interface Loopback {
  /** Nothing that was written to or by this socket is still to be read. `false` too where the other end is unknown. */
  atRest(socket: Socket): boolean
  /** Nobody in this process is just connecting to somewhere. */
  nobodyConnects(): boolean
}

/** A connection on this machine takes less; one that takes longer leads elsewhere, or nowhere. */
const connectMs = 5

let watched: Loopback | undefined

/** Watches from the first call on, for as long as the process lives: there is no other way to know both ends. */
export function watchLoopback(): Loopback {
  return (watched ??= watch())
}

function watch(): Loopback {
  const ends = new WeakMap<Socket, End>()
  const connecting = new Set<End>()
  /** Ends whose other end has not turned up, by the ports of server and client. */
  const lonely = new Map<string, End>()

  function meet(end: End, serverPort: number | undefined, clientPort: number | undefined): void {
    const ports = `${serverPort}:${clientPort}`
    const peer = lonely.get(ports)
    if (peer) {
      lonely.delete(ports)
      connecting.delete(peer)
      end.peer = peer
      peer.peer = end
      return
    }
    lonely.set(ports, end)
    end.socket.once('close', () => {
      if (lonely.get(ports) === end) lonely.delete(ports)
    })
  }

  subscribe('net.client.socket', (message) => {
    const socket = socketOf(message)
    if (!socket) return
    const end: End = { socket, sinceMs: performance.now() }
    ends.set(socket, end)
    connecting.add(end)
    socket.once('connect', () => {
      meet(end, socket.remotePort, socket.localPort)
      if (end.peer) connecting.delete(end)
    })
    socket.once('close', () => connecting.delete(end))
  })
  subscribe('net.server.socket', (message) => {
    const socket = socketOf(message)
    if (!socket) return
    const end: End = { socket, sinceMs: performance.now() }
    ends.set(socket, end)
    meet(end, socket.localPort, socket.remotePort)
  })

  return {
    atRest(socket) {
      const end = ends.get(socket)
      return end?.peer !== undefined && settled(end, end.peer)
    },
    nobodyConnects() {
      for (const end of connecting) {
        if (performance.now() - end.sinceMs < connectMs) return false
        connecting.delete(end)
      }
      return true
    },
  }
}

function settled({ socket: one }: End, { socket: other }: End): boolean {
  if (one.destroyed || other.destroyed) return one.destroyed && other.destroyed
  if (one.writableFinished !== other.readableEnded || other.writableFinished !== one.readableEnded) return false
  return one.bytesWritten === other.bytesRead && other.bytesWritten === one.bytesRead
}

function socketOf(message: unknown): Socket | undefined {
  const socket = typeof message === 'object' && message !== null && 'socket' in message ? message.socket : undefined
  return isSocket(socket) ? socket : undefined
}

function isSocket(value: unknown): value is Socket {
  return typeof value === 'object' && value !== null && 'bytesRead' in value && 'remotePort' in value
}
