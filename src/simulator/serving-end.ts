import type { Socket } from 'node:net'
import { WebSocket } from 'ws'

/** The service's end of one socket: all that it sends, and every way in which it ends from this side. */
export interface ServingEnd {
  /** The service has begun to close, or the socket is gone. */
  readonly closing: boolean
  /** `false` when nothing can be sent any more. */
  readonly send: (frame: string | Uint8Array) => boolean
  pong(data: Buffer): void
  close(code: number, reason?: string): void
  /** TCP ends without a close frame; `reset` with an RST. */
  terminate(reset?: boolean): void
  /** Nothing is sent any more; with `freeze` nothing is read either. */
  mute(how: 'stall' | 'freeze'): void
  /** The socket is gone. */
  gone(): void
}

/** `ending` is called once, when the first step towards the end of the socket is taken. */
export function createServingEnd(socket: WebSocket, tcp: Socket, ending: () => void): ServingEnd {
  let muted = false
  let closing = false

  function beginToEnd(): void {
    if (closing) return
    closing = true
    ending()
  }

  return {
    get closing() {
      return closing
    },
    send(frame) {
      if (muted || closing || socket.readyState !== WebSocket.OPEN) return false
      socket.send(frame)
      return true
    },
    pong(data) {
      if (!muted && socket.readyState === WebSocket.OPEN) socket.pong(data)
    },
    close(code, reason = '') {
      if (muted) return
      beginToEnd()
      socket.close(code, reason)
    },
    terminate(reset = false) {
      beginToEnd()
      if (reset) tcp.resetAndDestroy()
      else socket.terminate()
    },
    mute(how) {
      muted = true
      if (how === 'freeze') socket.pause()
    },
    gone: beginToEnd,
  }
}
