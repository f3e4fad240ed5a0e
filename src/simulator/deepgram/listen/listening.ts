import type { IncomingMessage } from 'node:http'
import type { WebSocket } from 'ws'
import type { Clock } from '../../clock.ts'
import { type ClientFault, createJournal, type ReceivedMessage } from '../../journal.ts'
import { keyOf } from '../handshake.ts'
import type { Happening } from '../incidents.ts'
import { errorOfStatus, type HttpRefusal, refusal } from '../refusals.ts'
import { documentedListening, type ListenBehaviour } from './behaviour.ts'
import type { ListenFaultCode, ListenMessage } from './client-messages.ts'
import { type ListenConnection, serveListening } from './connection.ts'
import { judgeListenQuery, type ListenSettings } from './query.ts'
import type { Saying } from '../../saying.ts'

/** One accepted socket, for tests to look at. */
export interface ListenSocket {
  readonly settings: ListenSettings
  readonly open: boolean
  readonly audioBytes: number
  /** All that came, byte for byte. */
  audio(): Buffer
}

/** `/v1/listen` of the emulated service. Connections count from 1. */
export interface Listening {
  /** May be changed at any time. */
  readonly behaviour: ListenBehaviour
  /** Every socket ever accepted. */
  readonly sockets: readonly ListenSocket[]
  /** Text messages; audio stands in `sockets`. */
  readonly received: readonly ReceivedMessage<ListenFaultCode, ListenMessage['kind']>[]
  readonly faults: readonly ClientFault<ListenFaultCode>[]
  /** Somebody says this: on the newest open socket, or on the next if none is open. */
  hear(saying: Saying | string): void
  /** Sends this frame as it is on every open socket. */
  send(frame: string | Uint8Array): void
  /** Makes it happen now on every open socket; `stuck` makes the service deaf. */
  strike(what: Happening): void
}

export interface ListenEndpoint extends Listening {
  upgrade(request: IncomingMessage, requestId: string): HttpRefusal | ((socket: WebSocket) => void)
  terminate(): void
}

export function createListening(deps: {
  readonly clock: Clock
  readonly apiKey: string
  readonly behaviour: Partial<ListenBehaviour>
}): ListenEndpoint {
  const { clock } = deps
  const behaviour: ListenBehaviour = { ...documentedListening, ...deps.behaviour }
  const journal = createJournal<ListenFaultCode, ListenMessage, object>(clock)
  const open = new Map<number, ListenConnection>()
  const sockets: ListenSocket[] = []
  let unheard: Saying[] = []

  function accept(request: IncomingMessage, requestId: string, settings: ListenSettings, socket: WebSocket): void {
    const number = sockets.length + 1
    const chunks: Buffer[] = []
    let audioBytes = 0
    const connection = serveListening({
      socket,
      tcp: request.socket,
      clock,
      behaviour,
      settings,
      requestId,
      received: (parsed) => journal.take(number, parsed),
      blame: (fault) => journal.blame(number, [fault]),
      audio(bytes) {
        chunks.push(bytes)
        audioBytes += bytes.length
      },
      closed: () => void open.delete(number),
    })
    open.set(number, connection)
    sockets.push({
      settings,
      get open() {
        return open.has(number)
      },
      get audioBytes() {
        return audioBytes
      },
      audio: () => Buffer.concat(chunks),
    })
    for (const saying of unheard) connection.hear(saying)
    unheard = []
  }

  return {
    behaviour,
    sockets,
    received: journal.received,
    faults: journal.faults,
    hear(said) {
      const saying = typeof said === 'string' ? { text: said } : said
      const newest = [...open.values()].at(-1)
      if (newest) newest.hear(saying)
      else unheard.push(saying)
    },
    send(frame) {
      for (const connection of open.values()) connection.send(frame)
    },
    strike(what) {
      for (const connection of open.values()) connection.strike(what)
    },
    upgrade(request, requestId) {
      const query = URL.parse(request.url ?? '', 'http://deepgram.invalid')?.searchParams ?? new URLSearchParams()
      if (keyOf(request.headers) !== deps.apiKey) {
        journal.blame(0, [{ code: 'bad-key', detail: 'the key stands in the header Authorization' }])
        return refusal({ code: 'INVALID_AUTH' }, requestId)
      }
      if (behaviour.refuse !== undefined) return refusal(errorOfStatus(behaviour.refuse), requestId)
      const { verdict, faults } = judgeListenQuery(query, behaviour)
      journal.blame(verdict.ok ? sockets.length + 1 : 0, faults)
      if (!verdict.ok) return refusal(verdict.error, requestId)
      if (open.size >= behaviour.concurrencyLimit) return refusal({ code: 'TOO_MANY_REQUESTS' }, requestId)
      return (socket) => accept(request, requestId, verdict.settings, socket)
    },
    terminate() {
      for (const connection of open.values()) connection.terminate()
    },
  }
}
