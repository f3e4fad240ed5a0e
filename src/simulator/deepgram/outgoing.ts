import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { createServingEnd, type ServingEnd } from '../serving-end.ts'
import type { DeepgramBehaviour } from './behaviour.ts'
import { type FatalCode, fatalClose } from './closes.ts'
import { type Happening, oddFrame } from './incidents.ts'
import { errorFrame, warningFrame } from './server-frames.ts'

/** Everything one socket sends, and every way in which it ends from this side. */
export interface Outgoing extends Omit<ServingEnd, 'mute'> {
  /** Ends the socket with the documented close of this code. */
  fatal(code: FatalCode): void
  warn(code: string, message: string): void
  /** `abandon`: what it came upon is not to be done. */
  happen(what: Happening): 'go-on' | 'abandon'
}

/**
 * `ending` is called once, when the first step towards the end of the socket is taken; `stuck` silences the voice;
 * `errorFrame` makes the frame where it is another than that of v1.
 */
export function createOutgoing(
  socket: WebSocket,
  tcp: Socket,
  behaviour: Readonly<
    Pick<DeepgramBehaviour, 'closeReason' | 'errorFrame'> & Partial<Pick<DeepgramBehaviour, 'warningForm'>>
  >,
  handlers: {
    readonly ending: () => void
    readonly stuck: () => void
    readonly errorFrame?: typeof errorFrame
  },
): Outgoing {
  const end = createServingEnd(socket, tcp, handlers.ending)
  const frameOf = handlers.errorFrame ?? errorFrame

  function fatal(fatalCode: FatalCode): void {
    const { code, reason, sentence } = fatalClose(fatalCode, behaviour.closeReason)
    if (behaviour.errorFrame !== 'none') end.send(frameOf(fatalCode, sentence, behaviour.errorFrame))
    end.close(code, reason)
  }

  function warn(code: string, message: string): void {
    end.send(warningFrame(code, message, behaviour.warningForm ?? 'wire'))
  }

  function happen(what: Happening): 'go-on' | 'abandon' {
    if (what.kind === 'fatal') fatal(what.code)
    else if (what.kind === 'warning') warn(what.code, what.message ?? 'A warning of the simulation.')
    else if (what.kind === 'error') end.send(frameOf(what.code, what.message ?? 'An error of the simulation.'))
    else if (what.kind === 'frame') end.send(oddFrame(what.frame, what.bytes))
    else if (what.kind === 'drop') end.terminate(what.reset)
    else if (what.kind === 'close') end.close(what.code, what.reason)
    else if (what.kind === 'stuck') handlers.stuck()
    else if (what.kind === 'stall' || what.kind === 'freeze') end.mute(what.kind)
    return end.closing || what.kind === 'error' || what.kind === 'lose' ? 'abandon' : 'go-on'
  }

  return {
    get closing() {
      return end.closing
    },
    send: end.send,
    pong: (data) => end.pong(data),
    close: (code, reason) => end.close(code, reason),
    terminate: (reset) => end.terminate(reset),
    gone: () => end.gone(),
    fatal,
    warn,
    happen,
  }
}
