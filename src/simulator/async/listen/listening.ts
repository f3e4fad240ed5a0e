import type { IncomingMessage } from 'node:http'
import type { WebSocket } from 'ws'
import type { Clock } from '../../clock.ts'
import { type ClientFault, createJournal, type ReceivedMessage } from '../../journal.ts'
import { createListeningSockets, type ListenSocket, type SocketEvents } from '../../listening-sockets.ts'
import type { Saying } from '../../saying.ts'
import type { Refusal } from '../../socket-server.ts'
import { type ErrorDetail, errorBody, errorStatus, shortenedKey } from '../error-frames.ts'
import type { Happening } from '../incidents.ts'
import { documentedListening, type ListenBehaviour } from './behaviour.ts'
import type { ListenFaultCode, ListenMessage } from './client-messages.ts'
import { serveListening } from './connection.ts'
import { judgeListenQuery, type ListenSettings } from './query.ts'

/** `/speech_to_text/stream` of the emulated service. Connections count from 1. */
export interface Listening {
  /** May be changed at any time. */
  readonly behaviour: ListenBehaviour
  /** Every socket ever accepted, but for those that were turned away at once. */
  readonly sockets: readonly ListenSocket<ListenSettings>[]
  /** Text messages; audio stands in `sockets`. */
  readonly received: readonly ReceivedMessage<ListenFaultCode, ListenMessage['kind']>[]
  readonly faults: readonly ClientFault<ListenFaultCode>[]
  /** Somebody says this: on the newest open socket, or on the next if none is open. */
  hear(saying: Saying | string): void
  /** Sends this frame as it is on every open socket. */
  send(frame: string | Uint8Array): void
  /** Makes it happen now on every open socket. An error frame closes it, unless it says otherwise. */
  strike(what: Happening): void
}

export interface ListenEndpoint extends Listening {
  upgrade(request: IncomingMessage): Refusal | ((socket: WebSocket) => void)
  terminate(): void
}

const bytesPerSample = 2

export function createListening(deps: {
  readonly clock: Clock
  readonly apiKey: string
  readonly behaviour: Partial<ListenBehaviour>
}): ListenEndpoint {
  const { clock } = deps
  const behaviour: ListenBehaviour = { ...documentedListening, ...deps.behaviour }
  const journal = createJournal<ListenFaultCode, ListenMessage, object>(clock)
  const ears = createListeningSockets<ListenSettings, Happening>(
    ({ sampleRateHz }) => (sampleRateHz * bytesPerSample) / 1000,
  )

  function serve(request: IncomingMessage, socket: WebSocket, refusal?: ErrorDetail | 'silent') {
    return (number: number, { audio, closed }: SocketEvents) =>
      serveListening({
        socket,
        tcp: request.socket,
        clock,
        behaviour,
        refusal,
        received: (parsed) => journal.take(number, parsed),
        blame: (fault) => journal.blame(number, [fault]),
        audio,
        closed,
      })
  }

  /** Accepted, told why it is refused, or not, and closed: no socket that anybody can speak to. */
  const turnAway = (request: IncomingMessage, refusal: ErrorDetail | 'silent') => (socket: WebSocket) =>
    void serve(request, socket, refusal)(0, { audio: () => {}, closed: () => {} })

  return {
    behaviour,
    sockets: ears.sockets,
    received: journal.received,
    faults: journal.faults,
    hear: ears.hear,
    send: ears.send,
    strike: ears.strike,
    upgrade(request) {
      const query = URL.parse(request.url ?? '', 'http://async.invalid')?.searchParams ?? new URLSearchParams()
      const key = query.get('api_key') ?? ''
      const badKey: ErrorDetail = { code: 'INVALID_API_KEY', extra: { api_key: shortenedKey(key) } }
      const fits = key === deps.apiKey
      if (!fits) journal.blame(0, [{ code: 'bad-key', detail: 'api_key stands in the query' }])
      if (!fits && behaviour.badKey === 'http-401') return refused(badKey)
      if (behaviour.refuse !== undefined) return refused({ code: 'INTERNAL_SERVER_ERROR' }, behaviour.refuse)
      const { verdict, faults } = judgeListenQuery(query, behaviour)
      journal.blame(verdict.ok ? ears.sockets.length + 1 : 0, faults)
      if (!verdict.ok) return refused(verdict.error)
      if (!fits) return turnAway(request, behaviour.badKey === 'close' ? 'silent' : badKey)
      if (ears.openNow >= behaviour.concurrencyLimit) return turnAway(request, { code: 'TOO_MANY_CONCURRENT_REQUESTS' })
      return (socket) => ears.accept(verdict.settings, serve(request, socket))
    },
    terminate: ears.terminate,
  }
}

function refused(error: ErrorDetail, status = errorStatus(error)): Refusal {
  return { status, body: errorBody(error) }
}
