import type { ClientRequest } from 'node:http'
import type { OnReadOpts, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createFastPath, type FastPath, type FastPathOptions } from './fast-path.ts'

/**
 * Where all sockets are read to, one read after the other: what is not dealt with within its read is copied. Without it,
 * each read takes a buffer of 64 KB and gives most of it back, and goes through a stream.
 */
const buffer = Buffer.allocUnsafeSlow(65_536)

/**
 * Options for a `WebSocket` of `ws` that is a client: text messages that come whole in one read are offered to `take`
 * first, as in `FastPathOptions`. What that brought stands in docs/performance.md.
 */
export function readPastAsClient(take: FastPathOptions['take']): {
  readonly onread: OnReadOpts
  readonly finishRequest: (request: ClientRequest) => void
} {
  let tcp: Duplex | undefined
  let path: FastPath | undefined
  const pass = (bytes: Buffer) => void tcp?.emit('data', bytes)
  return {
    onread: {
      buffer,
      callback(length) {
        if (path?.takeOne(buffer, length)) return true
        const bytes = Buffer.from(buffer.subarray(0, length))
        if (path) path.read(bytes)
        else pass(bytes)
        return true
      },
    },
    finishRequest(request) {
      request.once('socket', (socket) => {
        tcp = socket
      })
      request.once('upgrade', (_response, _socket, head) => {
        path = createFastPath({ masked: false, take, pass })
        // `ws` has it already.
        path.follow(head)
      })
      request.end()
    },
  }
}

/**
 * The same on a socket that a client opened. To be called when `ws` has just taken it over and has read nothing yet.
 *
 * @param tcp what the websocket runs over
 */
export function readPastAsServer(tcp: Socket, take: FastPathOptions['take']): void {
  const readers = tcp.listeners('data')
  const [reader] = readers
  // `ws` reads by one listener. Should it ever read otherwise, it reads all.
  if (!isReader(reader) || readers.length > 1) return
  const path = createFastPath({ masked: true, take, pass: (bytes) => reader.call(tcp, bytes) })
  tcp.off('data', reader)
  tcp.on('data', (bytes: Buffer) => {
    if (!path.takeOne(bytes, bytes.length)) path.read(bytes)
  })
}

function isReader(listener: unknown): listener is (this: Socket, bytes: Buffer) => void {
  return typeof listener === 'function'
}
