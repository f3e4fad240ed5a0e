import type { Socket } from 'node:net'
import { createDirectWrite } from './direct.ts'
import { createFrameReader, encodeFrame, opcodes } from './frame.ts'
import { newKey } from './mask.ts'

/** A websocket with as little as possible between a frame and the kernel: the load is not to cost more than what it loads. */
export interface BenchSocket {
  /** Sends one text frame of ASCII. */
  send(text: string): void
  /** Sends frames that are built already, the bytes up to `length`. */
  readonly write: (frames: Buffer, length: number) => void
  frameOf(text: string): Buffer
  /** Says goodbye, and ends the connection. */
  close(): void
  isOpen(): boolean
}

export interface SocketEvents {
  /** A text frame as it lies in the bytes that came, before anything is made of it. @returns whether that was all */
  raw?(bytes: Buffer, from: number, to: number, atMs: number): boolean
  text(text: string, atMs: number): void
  binary?(bytes: Buffer, from: number, to: number, atMs: number): void
  closed?(code: number | undefined): void
}

/** A socket that has become a websocket, and what takes what comes on it. */
export interface Joined {
  readonly socket: BenchSocket
  readonly receive: (bytes: Buffer, length: number) => void
}

const goodbye = Buffer.from([1000 >> 8, 1000 & 0xff])

/** When what is being read came. One for all: it is taken before the next is read. */
let atMs = 0

/** @param masked whether we are the client */
export function join(socket: Socket, masked: boolean, events: SocketEvents): Joined {
  let open = true
  let code: number | undefined
  socket.setNoDelay(true)
  socket.setTimeout(0)

  const frameOf = (opcode: number, content: string | Buffer) =>
    encodeFrame(opcode, content, masked ? newKey() : undefined)
  const writeOut = createDirectWrite(socket)
  const write = (frames: Buffer, length: number) => {
    if (open) writeOut(frames, 0, length)
  }
  const send = (opcode: number, content: string | Buffer) => {
    const frame = frameOf(opcode, content)
    write(frame, frame.length)
  }
  const read = createFrameReader((opcode, bytes, from, to) => {
    if (opcode === opcodes.text) {
      if (!events.raw?.(bytes, from, to, atMs)) events.text(bytes.toString('latin1', from, to), atMs)
    } else if (opcode === opcodes.binary) events.binary?.(bytes, from, to, atMs)
    else if (opcode === opcodes.ping) send(opcodes.pong, bytes.subarray(from, to))
    else if (opcode === opcodes.close) {
      code = to - from >= 2 ? bytes.readUInt16BE(from) : undefined
      send(opcodes.close, bytes.subarray(from, to))
      open = false
      socket.end()
    }
  })
  // Whatever ends it ends the writing first: the kernel gives its number to the next one.
  socket.on('error', () => {
    open = false
    socket.destroy()
  })
  socket.on('end', () => {
    open = false
    socket.end()
  })
  socket.on('close', () => {
    open = false
    events.closed?.(code)
  })

  return {
    receive(bytes, length) {
      atMs = performance.now()
      read(bytes, length)
    },
    socket: {
      send: (text) => send(opcodes.text, text),
      write,
      frameOf: (text) => frameOf(opcodes.text, text),
      // What the other side still sends is dropped; it answers with a close frame, and the connection ends.
      close: () => send(opcodes.close, goodbye),
      isOpen: () => open,
    },
  }
}
