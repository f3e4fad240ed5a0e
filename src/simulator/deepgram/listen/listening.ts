import type { IncomingMessage } from 'node:http'
import type { WebSocket } from 'ws'
import type { Clock } from '../../clock.ts'
import { type ClientFault, createJournal, type ReceivedMessage } from '../../journal.ts'
import { keyOf } from '../handshake.ts'
import type { Happening } from '../incidents.ts'
import { errorOfStatus, type HttpRefusal, refusal } from '../refusals.ts'
import type { EarBehaviour } from './behaviour.ts'
import type { ListenFaultCode, Unreadable } from './client-messages.ts'
import { createListeningSockets, type ListenSocket } from '../../listening-sockets.ts'
import { type Ear, serveListening } from './connection.ts'
import type { JudgedListenQuery } from './query.ts'
import type { Saying } from '../../saying.ts'

/** What one of the two paths does that the other does not. */
export interface WayOfListening<Behaviour, Settings, Told, Message extends { readonly kind: string }> {
  readonly documented: Readonly<Behaviour>
  judge(query: URLSearchParams, behaviour: Behaviour): JudgedListenQuery<Settings>
  ear(about: {
    readonly settings: Settings
    readonly behaviour: Behaviour
    readonly requestId: string
    readonly clock: Clock
  }): Ear<Told, Message>
}

/** A path of the emulated service that listens. Connections count from 1. */
export interface Listening<Behaviour, Settings, Kind extends string> {
  /** May be changed at any time. */
  readonly behaviour: Behaviour
  /** Every socket ever accepted. */
  readonly sockets: readonly ListenSocket<Settings>[]
  /** Text messages; audio stands in `sockets`. */
  readonly received: readonly ReceivedMessage<ListenFaultCode, Kind | 'unreadable'>[]
  readonly faults: readonly ClientFault<ListenFaultCode>[]
  /** Somebody says this: on the newest open socket, or on the next if none is open. */
  hear(saying: Saying | string): void
  /** Sends this frame as it is on every open socket. */
  send(frame: string | Uint8Array): void
  /** Makes it happen now on every open socket; `stuck` makes the service deaf. */
  strike(what: Happening): void
}

export interface ListenEndpoint<Behaviour, Settings, Kind extends string> extends Listening<Behaviour, Settings, Kind> {
  upgrade(request: IncomingMessage, requestId: string): HttpRefusal | ((socket: WebSocket) => void)
  terminate(): void
}

export function createListening<
  Behaviour extends EarBehaviour,
  Settings extends { readonly bytesPerMs: number },
  Told,
  Message extends { readonly kind: string },
>(
  way: WayOfListening<Behaviour, Settings, Told, Message>,
  deps: { readonly clock: Clock; readonly apiKey: string; readonly behaviour: Partial<Behaviour> },
): ListenEndpoint<Behaviour, Settings, Message['kind']> {
  const { clock } = deps
  const behaviour: Behaviour = { ...way.documented, ...deps.behaviour }
  const journal = createJournal<ListenFaultCode, Message | Unreadable, object>(clock)
  const ears = createListeningSockets<Settings, Happening>(({ bytesPerMs }) => bytesPerMs)

  function accept(request: IncomingMessage, requestId: string, settings: Settings, socket: WebSocket): void {
    ears.accept(settings, (number, { audio, closed }) =>
      serveListening({
        socket,
        tcp: request.socket,
        clock,
        behaviour,
        bytesPerMs: settings.bytesPerMs,
        ear: way.ear({ settings, behaviour, requestId, clock }),
        received: (parsed) => journal.take(number, parsed),
        blame: (fault) => journal.blame(number, [fault]),
        audio,
        closed,
      }),
    )
  }

  return {
    behaviour,
    sockets: ears.sockets,
    received: journal.received,
    faults: journal.faults,
    hear: ears.hear,
    send: ears.send,
    strike: ears.strike,
    upgrade(request, requestId) {
      const query = URL.parse(request.url ?? '', 'http://deepgram.invalid')?.searchParams ?? new URLSearchParams()
      if (keyOf(request.headers) !== deps.apiKey) {
        journal.blame(0, [{ code: 'bad-key', detail: 'the key stands in the header Authorization' }])
        return refusal({ code: 'INVALID_AUTH' }, requestId)
      }
      if (behaviour.refuse !== undefined) return refusal(errorOfStatus(behaviour.refuse), requestId)
      const { verdict, faults } = way.judge(query, behaviour)
      journal.blame(verdict.ok ? ears.sockets.length + 1 : 0, faults)
      if (!verdict.ok) return refusal(verdict.error, requestId)
      if (ears.openNow >= behaviour.concurrencyLimit) return refusal({ code: 'TOO_MANY_REQUESTS' }, requestId)
      return (socket) => accept(request, requestId, verdict.settings, socket)
    },
    terminate: ears.terminate,
  }
}
