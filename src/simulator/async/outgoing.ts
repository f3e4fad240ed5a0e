import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { createServingEnd, type ServingEnd } from '../serving-end.ts'
import type { AsyncBehaviour } from './behaviour.ts'
import { type ErrorDetail, errorFrame } from './error-frames.ts'
import { type Happening, oddFrame } from './incidents.ts'

/** What is left to be done with the thing an incident came upon. */
export type Aftermath = 'go-on' | 'abandon'

/** Everything one socket sends, and every way in which it ends from this side. */
export interface Outgoing extends Omit<ServingEnd, 'close' | 'mute'> {
  error(detail: ErrorDetail, contextId?: string): void
  close(): void
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
  const end = createServingEnd(socket, tcp, ending)

  function error(detail: ErrorDetail, contextId?: string): void {
    end.send(errorFrame(detail, behaviour.errorForm, contextId))
  }

  const close = () => end.close(behaviour.closeCode)

  function happen(what: Happening, contextId: string, otherwise: 'close' | Aftermath): Aftermath {
    if (what.kind === 'error') {
      const afterwards = what.afterwards ?? otherwise
      error(what, (what.withContextId ?? behaviour.errorContextId) ? contextId : undefined)
      if (afterwards === 'close') close()
      return afterwards === 'go-on' ? 'go-on' : 'abandon'
    }
    if (what.kind === 'frame') end.send(oddFrame(what.frame, contextId, what.bytes))
    else if (what.kind === 'drop') end.terminate(what.reset)
    else if (what.kind === 'close') end.close(what.code, what.reason)
    else end.mute(what.kind)
    return end.closing ? 'abandon' : 'go-on'
  }

  return {
    get closing() {
      return end.closing
    },
    send: end.send,
    error,
    pong: (data) => end.pong(data),
    close,
    terminate: (reset) => end.terminate(reset),
    gone: () => end.gone(),
    happen,
  }
}
