import { createHash, randomBytes } from 'node:crypto'
import { type IncomingMessage, request } from 'node:http'
import type { Duplex } from 'node:stream'
import { Socket } from 'node:net'
import { createFrameReader, encodeFrame, opcodes } from './frame.ts'

/** A websocket with as little as possible between a frame and the kernel: the load is not to cost more than what it loads. */
export interface BenchSocket {
  /** Sends one text frame of ASCII. */
  send(text: string): void
  /** Sends what `frameOf` built, or several of it joined. */
  write(frames: Buffer): void
  frameOf(text: string): Buffer
  /** Says goodbye, and ends the connection. */
  close(): void
  readonly open: boolean
}

export interface SocketEvents {
  text(text: string, atMs: number): void
  binary?(content: Buffer, atMs: number): void
  closed?(code: number | undefined): void
}

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const answerTo = (key: string) =>
  createHash('sha1')
    .update(key + guid)
    .digest('base64')

/** Opens a websocket as Twilio does: no Origin, no subprotocol, no extensions. Rejects with the status of a refusal. */
export function openSocket(
  url: string,
  headers: Readonly<Record<string, string>>,
  events: SocketEvents,
): Promise<BenchSocket> {
  const key = randomBytes(16).toString('base64')
  return new Promise((resolve, reject) => {
    const asked = request(url.replace(/^ws/, 'http'), {
      agent: false,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-key': key,
        'sec-websocket-version': '13',
        ...headers,
      },
    })
    asked.on('error', reject)
    asked.on('response', (response) => {
      response.resume()
      reject(new Error(`the websocket was refused with status ${response.statusCode}`))
    })
    asked.on('upgrade', (_response, socket, head) => resolve(join(socket, head, true, events)))
    asked.end()
  })
}

/** Takes the websocket that a client asks for. */
export function acceptSocket(asked: IncomingMessage, socket: Duplex, head: Buffer, events: SocketEvents): BenchSocket {
  const answer = answerTo(asked.headers['sec-websocket-key'] ?? '')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${answer}\r\n\r\n`,
  )
  return join(socket, head, false, events)
}

function join(socket: Duplex, head: Buffer, masked: boolean, events: SocketEvents): BenchSocket {
  let open = true
  let code: number | undefined
  let atMs = 0
  if (socket instanceof Socket) {
    socket.setNoDelay(true)
    socket.setTimeout(0)
  }

  const write = (frames: Buffer) => {
    if (open) socket.write(frames)
  }
  const read = createFrameReader((opcode, content) => {
    if (opcode === opcodes.text) events.text(content.toString('latin1'), atMs)
    else if (opcode === opcodes.binary) events.binary?.(content, atMs)
    else if (opcode === opcodes.ping) write(encodeFrame(opcodes.pong, content, masked))
    else if (opcode === opcodes.close) {
      code = content.length >= 2 ? content.readUInt16BE(0) : undefined
      write(encodeFrame(opcodes.close, content, masked))
      open = false
      socket.end()
    }
  })
  const receive = (bytes: Buffer) => {
    atMs = performance.now()
    read(bytes)
  }
  socket.on('data', receive)
  socket.on('error', () => socket.destroy())
  socket.on('end', () => socket.end())
  socket.on('close', () => {
    open = false
    events.closed?.(code)
  })
  if (head.length > 0) receive(head)

  return {
    send: (text) => write(encodeFrame(opcodes.text, text, masked)),
    write,
    frameOf: (text) => encodeFrame(opcodes.text, text, masked),
    close() {
      const orderly = Buffer.from([1000 >> 8, 1000 & 0xff])
      write(encodeFrame(opcodes.close, orderly, masked))
      // What the other side still sends is dropped; it answers with a close frame, and the connection ends.
    },
    get open() {
      return open
    },
  }
}
