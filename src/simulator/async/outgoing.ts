import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { AsyncBehaviour } from './behaviour.ts'
import { type ErrorDetail, errorFrame } from './error-frames.ts'
import { type Happening, oddFrame } from './incidents.ts'

/** What is left to be done with the thing an incident came upon. */
export type Aftermath = 'go-on' | 'abandon'

/** Everything one socket sends, and every way in which it ends from this side. */
export interface Outgoing {
  /** The service has begun to close, or the socket is gone. */
  readonly closing: boolean
  /** `false` when nothing can be sent any more. */
  readonly send: (frame: string | Uint8Array) => boolean
  error(detail: ErrorDetail, contextId?: string): void
  pong(data: Buffer): void
  close(code?: number, reason?: string): void
  terminate(): void
  /** The socket is gone. */
  gone(): void
  /** `otherwise` is what an error frame does that does not say. */
  happen(what: Happening, contextId: string, otherwise: 'close' | Aftermath): Aftermath
}

/** `ending` is called once, when the first step towards the end of the socket is taken. */
export function createOutgoing(
  socket: WebSocket,
  tcp: Socket,
  behaviour: Readonly<AsyncBehaviour>,
  ending: () => void,
): Outgoing {
  let muted = false
  let closing = false

  function beginToEnd(): void {
    if (closing) return
    closing = true
    ending()
  }

  function send(frame: string | Uint8Array): boolean {
    if (muted || closing || socket.readyState !== WebSocket.OPEN) return false
    socket.send(frame)
    return true
  }

  function error(detail: ErrorDetail, contextId?: string): void {
    send(errorFrame(detail, behaviour.errorForm, contextId))
  }

  function close(code = behaviour.closeCode, reason = ''): void {
    if (muted) return
    beginToEnd()
    socket.close(code, reason)
  }

  function terminate(reset = false): void {
    beginToEnd()
    if (reset) tcp.resetAndDestroy()
    else socket.terminate()
  }

  function happen(what: Happening, contextId: string, otherwise: 'close' | Aftermath): Aftermath {
    if (what.kind === 'error') {
      const afterwards = what.afterwards ?? otherwise
      error(what, (what.withContextId ?? behaviour.errorContextId) ? contextId : undefined)
      if (afterwards === 'close') close()
      return afterwards === 'go-on' ? 'go-on' : 'abandon'
    }
    if (what.kind === 'frame') send(oddFrame(what.frame, contextId, what.bytes))
    else if (what.kind === 'drop') terminate(what.reset)
    else if (what.kind === 'close') close(what.code, what.reason)
    else {
      muted = true
      if (what.kind === 'freeze') socket.pause()
    }
    return closing ? 'abandon' : 'go-on'
  }

  return {
    get closing() {
      return closing
    },
    send,
    error,
    pong: (data) => {
      if (!muted && socket.readyState === WebSocket.OPEN) socket.pong(data)
    },
    close,
    terminate: () => terminate(),
    gone: beginToEnd,
    happen,
  }
}
