import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { WebSocket } from 'ws'
import { type Clock, realClock } from '../clock.ts'
import { createJournal } from '../journal.ts'
import { type Refusal, startSocketServer } from '../socket-server.ts'
import { toneVoice } from '../tone-voice.ts'
import type { Voice } from '../voice.ts'
import { type DeepgramBehaviour, documentedBehaviour } from './behaviour.ts'
import { type Connection, serveConnection } from './connection.ts'
import { judgeHandshake } from './handshake.ts'
import { createHttpSpeech } from './http-speech.ts'
import type { Happening } from './incidents.ts'
import type { ClientFault, Journal, ReceivedMessage, SpeechRequest } from './journal.ts'
import type { TurnBehaviour } from './flux/behaviour.ts'
import type { TurnMessage } from './flux/client-messages.ts'
import type { TurnSettings } from './flux/query.ts'
import { byTurns } from './flux/turns.ts'
import type { ListenBehaviour } from './listen/behaviour.ts'
import type { ListenMessage } from './listen/client-messages.ts'
import { byEndpoints } from './listen/endpoints.ts'
import { createListening, type Listening } from './listen/listening.ts'
import type { ListenSettings } from './listen/query.ts'
import { documentedModels } from './models.ts'
import type { SpeechSettings } from './query.ts'
import { refusal } from './refusals.ts'
import type { Spoken } from './spoken.ts'

export interface DeepgramServiceOptions {
  readonly clock?: Clock
  /** 0, the default, takes a free one. */
  readonly port?: number
  readonly host?: string
  readonly voice?: Voice
  readonly apiKey?: string
  /** Voices that exist. */
  readonly models?: readonly string[]
  readonly behaviour?: Partial<DeepgramBehaviour>
  /** How `/v1/listen` behaves. */
  readonly listening?: Partial<ListenBehaviour>
  /** How `/v2/listen` behaves. */
  readonly turns?: Partial<TurnBehaviour>
}

export interface DeepgramService {
  /** `http://host:port`, for `DEEPGRAM_URL`. */
  readonly url: string
  readonly apiKey: string
  /** May be changed at any time. */
  readonly behaviour: DeepgramBehaviour
  /** Sockets open now. */
  readonly connections: number
  /** Sockets ever accepted. */
  readonly opened: number
  readonly received: readonly ReceivedMessage[]
  readonly faults: readonly ClientFault[]
  /** Requests for speech over HTTP. */
  readonly requests: readonly SpeechRequest[]
  /** What was synthesised and sent, in order. */
  readonly spoken: readonly Spoken[]
  /** `/v1/listen`. All else here is of `/v1/speak`. */
  readonly listening: Listening<ListenBehaviour, ListenSettings, ListenMessage['kind']>
  /** `/v2/listen`. */
  readonly turns: Listening<TurnBehaviour, TurnSettings, TurnMessage['kind']>
  /** Makes it happen now, on one connection (from 1) or on all that are open. */
  strike(what: Happening, connection?: number): void
  /** `abrupt`: no close frame. */
  dropAll(how?: 'abrupt' | { readonly code: number; readonly reason?: string }): void
  /** Idempotent. */
  close(): Promise<void>
}

const defaultApiKey = '5117ed0000000000000000000000000000000001'
/** What the websocket itself still takes in; `messageBytes` is the limit of the service. */
const maxMessageBytes = 16 * 1024 * 1024

const listenPath = /^\/v(?<version>[12])\/listen(?:\?|$)/

/**
 * Deepgram's `/v1/speak`, websocket and HTTP, and its two ways to listen as a server (docs/simulator-deepgram.md). Rejects when the
 * port is taken.
 */
export async function startDeepgramService(options: DeepgramServiceOptions = {}): Promise<DeepgramService> {
  const { clock = realClock, port = 0, host = '127.0.0.1', voice = toneVoice, apiKey = defaultApiKey } = options
  const { models = documentedModels } = options
  const behaviour: DeepgramBehaviour = { ...documentedBehaviour, ...options.behaviour }
  const journal: Journal = createJournal(clock)
  const listening = createListening(byEndpoints, { clock, apiKey, behaviour: options.listening ?? {} })
  const turns = createListening(byTurns, { clock, apiKey, behaviour: options.turns ?? {} })
  const connections = new Map<number, Connection>()
  let opened = 0
  /** When sockets that ended uncleanly stop to count. */
  let lingeringUntilMs: number[] = []

  function isFull(): boolean {
    lingeringUntilMs = lingeringUntilMs.filter((untilMs) => untilMs > clock.now())
    return connections.size + lingeringUntilMs.length >= behaviour.concurrencyLimit
  }

  function accept(request: IncomingMessage, requestId: string, settings: SpeechSettings, socket: WebSocket): void {
    const number = ++opened
    const { model, speed } = settings
    const connection = serveConnection({
      number,
      socket,
      tcp: request.socket,
      clock,
      behaviour,
      voice,
      settings,
      requestId,
      received: (parsed) => journal.take(number, parsed),
      record: (text) => journal.record({ connection: number, request: 0, model, speed, text }),
      closed(how) {
        connections.delete(number)
        if (how === 'unclean' && behaviour.lingerMs > 0) lingeringUntilMs.push(clock.now() + behaviour.lingerMs)
      },
    })
    connections.set(number, connection)
  }

  function upgrade(request: IncomingMessage): Refusal | ((socket: WebSocket) => void) {
    const requestId = randomUUID()
    const version = listenPath.exec(request.url ?? '')?.groups?.['version']
    if (version !== undefined) return (version === '1' ? listening : turns).upgrade(request, requestId)
    const asked = { target: request.url ?? '', headers: request.headers }
    const { verdict, faults } = judgeHandshake(asked, apiKey, models, behaviour)
    journal.blame(verdict.kind === 'accept' ? opened + 1 : 0, faults)
    if (verdict.kind === 'refuse') return refusal(verdict.error, requestId)
    if (isFull()) return refusal({ code: 'TOO_MANY_REQUESTS' }, requestId)
    return (socket) => accept(request, requestId, verdict.settings, socket)
  }

  const server = await startSocketServer({
    clock,
    port,
    host,
    behaviour,
    maxMessageBytes,
    answer: createHttpSpeech({ clock, behaviour, voice, models, apiKey, journal }),
    upgrade,
  })

  function strike(what: Happening, connection?: number): void {
    for (const [number, open] of connections) if ((connection ?? number) === number) open.strike(what)
  }

  async function shut(): Promise<void> {
    for (const connection of connections.values()) connection.terminate()
    listening.terminate()
    turns.terminate()
    await server.close()
    connections.clear()
  }
  let closed: Promise<void> | undefined

  return {
    url: server.url,
    apiKey,
    behaviour,
    get connections() {
      return connections.size
    },
    get opened() {
      return opened
    },
    received: journal.received,
    faults: journal.faults,
    requests: journal.requests,
    spoken: journal.spoken,
    listening,
    turns,
    strike,
    dropAll: (how = 'abrupt') => strike(how === 'abrupt' ? { kind: 'drop' } : { kind: 'close', ...how }),
    close: () => (closed ??= shut()),
  }
}
