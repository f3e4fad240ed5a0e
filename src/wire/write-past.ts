import { randomFillSync } from 'node:crypto'
import type { ClientRequest } from 'node:http'
import type { Socket } from 'node:net'
import { binaryFrame, longestBinary } from './binary-frame.ts'
import { writeBytes } from './one-write.ts'

/** Options for a `WebSocket` of `ws` that is a client. @param tell what it runs over, before it is open */
export function tellingSocket(tell: (tcp: Socket) => void): {
  readonly finishRequest: (request: ClientRequest) => void
} {
  return {
    finishRequest(request) {
      request.once('socket', tell)
      request.end()
    },
  }
}

/**
 * Sends bytes in one write, past `ws`, which without compression holds nothing back that this could overtake. It would
 * write the head of a frame and its content apart, which takes a third more CPU for each frame of sound.
 *
 * @param tcp of a websocket that is open
 * @returns whether it did; what is long is for `ws`
 */
export function writePast(tcp: Socket, content: Uint8Array): boolean {
  if (content.length > longestBinary) return false
  writeBytes(tcp, binaryFrame(content, maskKey()))
  return true
}

const keys = new Int32Array(1024)
let next = keys.length

/** 32 bits that nobody can tell beforehand (RFC 6455, 5.3); to ask the system for each would take longer than the rest. */
export function maskKey(): number {
  if (next === keys.length) {
    randomFillSync(keys)
    next = 0
  }
  return keys[next++] ?? 0
}
