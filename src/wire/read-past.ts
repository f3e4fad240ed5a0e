import type { ClientRequest } from 'node:http'
import type { OnReadOpts, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { FastPath } from './fast-path.ts'
import { inOneWrite } from './one-write.ts'

/**
 * Where all sockets are read to, one read after the other: what is not dealt with within its read is copied. Without it,
 * each read takes a buffer of 64 KB and gives most of it back, and goes through a stream.
 */
const buffer = Buffer.allocUnsafeSlow(65_536)

/**
 * Options for a `WebSocket` of `ws` that is a client: text messages that come whole in one read are offered to `path`
 * first. What that brought stands in docs/performance.md.
 *
 * @param path of what is not masked
 */
export function readPastAsClient(path: FastPath): {
  readonly onread: OnReadOpts
  readonly finishRequest: (request: ClientRequest) => void
} {
  let tcp: Duplex | undefined
  let upgraded = false
  return {
    onread: {
      buffer,
      callback(length) {
        if (upgraded && path.takeOne(buffer, length)) return true
        const bytes = Buffer.from(buffer.subarray(0, length))
        if (upgraded)
          inOneWrite(() => {
            for (const rest of path.read(bytes)) tcp?.emit('data', rest)
          })
        else tcp?.emit('data', bytes)
        return true
      },
    },
    finishRequest(request) {
      request.once('socket', (socket) => {
        tcp = socket
      })
      request.once('upgrade', (_response, _socket, head) => {
        upgraded = true
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
 * @param path of what is masked
 */
export function readPastAsServer(tcp: Socket, path: FastPath): void {
  const readers = tcp.listeners('data')
  const [reader] = readers
  // `ws` reads by one listener. Should it ever read otherwise, it reads all.
  if (!isReader(reader) || readers.length > 1) return
  tcp.off('data', reader)
  tcp.on('data', (bytes: Buffer) => {
    if (path.takeOne(bytes, bytes.length)) return
    inOneWrite(() => {
      for (const rest of path.read(bytes)) reader.call(tcp, rest)
    })
  })
}

function isReader(listener: unknown): listener is (this: Socket, bytes: Buffer) => void {
  return typeof listener === 'function'
}
