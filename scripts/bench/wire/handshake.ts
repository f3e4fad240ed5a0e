import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { connect, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type BenchSocket, join, type SocketEvents } from './socket.ts'

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const acceptanceOf = (key: string) =>
  createHash('sha1')
    .update(key + guid)
    .digest('base64')
const headEnd = '\r\n\r\n'

/**
 * What the kernel has for any phone is read into this, and taken before the next one is read. So reading makes nothing
 * that has to be collected.
 */
const incoming = Buffer.alloc(65_536)

/**
 * Opens a websocket as Twilio does: no Origin, no subprotocol, no extensions. By hand, because only whoever connects
 * says what is read into. Rejects with the status of a refusal.
 */
export function openSocket(
  url: string,
  headers: Readonly<Record<string, string>>,
  events: SocketEvents,
): Promise<BenchSocket> {
  const { hostname, port, pathname, search, host } = new URL(url)
  const key = randomBytes(16).toString('base64')
  const asked = Object.entries({
    host,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': key,
    'sec-websocket-version': '13',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`)

  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0)
    let receive = (bytes: Buffer, length: number): void => {
      head = Buffer.concat([head, bytes.subarray(0, length)])
      const end = head.indexOf(headEnd)
      if (end < 0) return
      const refusal = refusalOf(head.toString('latin1', 0, end), key)
      if (refusal !== undefined) {
        reject(new Error(refusal))
        return void socket.destroy()
      }
      const joined = join(socket, true, events)
      ;({ receive } = joined)
      resolve(joined.socket)
      const rest = head.subarray(end + headEnd.length)
      if (rest.length > 0) receive(rest, rest.length)
    }
    const socket = connect({
      host: hostname,
      port: Number(port),
      onread: {
        buffer: incoming,
        callback(length) {
          receive(incoming, length)
          return true
        },
      },
    })
    socket.on('connect', () => socket.write(`GET ${pathname}${search} HTTP/1.1\r\n${asked.join('')}\r\n`))
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the connection ended before it was a websocket')))
  })
}

/** Why an answer does not make a websocket; undefined when it does. */
function refusalOf(head: string, key: string): string | undefined {
  const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]
  if (status !== '101') return `the websocket was refused with status ${status}`
  const acceptance = /^sec-websocket-accept: *(\S+)/im.exec(head)?.[1]
  return acceptance === acceptanceOf(key) ? undefined : 'the websocket was accepted with a wrong key'
}

/** Takes the websocket that a client asks for. */
export function acceptSocket(asked: IncomingMessage, socket: Duplex, head: Buffer, events: SocketEvents): BenchSocket {
  if (!(socket instanceof Socket)) throw new Error('a websocket was asked for on what is no socket')
  const acceptance = acceptanceOf(asked.headers['sec-websocket-key'] ?? '')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptance}\r\n\r\n`,
  )
  const joined = join(socket, false, events)
  socket.on('data', (bytes) => joined.receive(bytes, bytes.length))
  if (head.length > 0) joined.receive(head, head.length)
  return joined.socket
}
