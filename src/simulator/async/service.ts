import type { IncomingMessage } from 'node:http'
import type { WebSocket } from 'ws'
import { type Clock, realClock } from '../clock.ts'
import { startSocketServer } from '../socket-server.ts'
import { toneVoice } from '../tone-voice.ts'
import type { Voice } from '../voice.ts'
import { type AsyncBehaviour, documentedBehaviour } from './behaviour.ts'
import { type Connection, serveConnection } from './connection.ts'
import type { ErrorDetail } from './error-frames.ts'
import { judgeHandshake } from './handshake.ts'
import { answerHttp } from './http.ts'
import type { Happening } from './incidents.ts'
import { type Catalogue, documentedModels } from './init.ts'
import {
  type ClientFault,
  createAsyncJournal,
  type ReceivedMessage,
  type SpeechRequest,
  type VoiceRequest,
} from './journal.ts'
import type { ListenBehaviour } from './listen/behaviour.ts'
import { createListening, type Listening } from './listen/listening.ts'
import type { Spoken } from './spoken.ts'
import { createVoiceCatalogue, sampleVoiceId, type VoiceResource } from './voice-catalogue.ts'

export interface AsyncServiceOptions {
  readonly clock?: Clock
  /** 0, the default, takes a free one. */
  readonly port?: number
  readonly host?: string
  readonly voice?: Voice
  readonly apiKey?: string
  /** Voices that exist, in place of a small catalogue; the first is `voiceId`. */
  readonly voiceIds?: readonly string[]
  readonly models?: readonly string[]
  readonly behaviour?: Partial<AsyncBehaviour>
  readonly listening?: Partial<ListenBehaviour>
}

export interface AsyncService {
  /** `http://host:port`, for `ASYNC_URL`. */
  readonly url: string
  readonly apiKey: string
  readonly voiceId: string
  /** May be changed at any time. */
  readonly behaviour: AsyncBehaviour
  /** Sockets open now. */
  readonly connections: number
  /** Sockets ever accepted. */
  readonly opened: number
  readonly received: readonly ReceivedMessage[]
  readonly faults: readonly ClientFault[]
  /** Requests for speech over HTTP. */
  readonly requests: readonly SpeechRequest[]
  /** Requests about voices. */
  readonly voiceRequests: readonly VoiceRequest[]
  /** The voices that exist now. */
  readonly voices: readonly VoiceResource[]
  /** What was synthesised and sent, in order. */
  readonly spoken: readonly Spoken[]
  /** Speech to text: a socket, a behaviour and faults of its own. */
  readonly listening: Listening
  /** Makes it happen now, on one connection (from 1) or on all that are open. */
  strike(what: Happening, connection?: number): void
  /** `abrupt`: no close frame. */
  dropAll(how?: 'abrupt' | { readonly code: number; readonly reason?: string }): void
  /** Idempotent. */
  close(): Promise<void>
}

const defaultApiKey = 'sk_simulated_async_key_0001'
const maxMessageBytes = 1024 * 1024
const listenPath = /^\/speech_to_text\/stream(?:\?|$)/

/**
 * The text-to-speech websocket of async.com, its HTTP twin, and the websocket for speech to text, as a server
 * (docs/simulator-async.md). Rejects when the port is taken.
 */
export async function startAsyncService(options: AsyncServiceOptions = {}): Promise<AsyncService> {
  const { clock = realClock, port = 0, host = '127.0.0.1', voice = toneVoice, apiKey = defaultApiKey } = options
  const voices = createVoiceCatalogue(options.voiceIds)
  const voiceId = voices.voiceIds[0] ?? sampleVoiceId
  const catalogue: Catalogue = {
    get voiceIds() {
      return voices.voiceIds
    },
    models: options.models ?? Object.keys(documentedModels),
  }
  const behaviour: AsyncBehaviour = { ...documentedBehaviour, ...options.behaviour }
  const journal = createAsyncJournal(clock)
  const listening = createListening({ clock, apiKey, behaviour: options.listening ?? {} })
  const connections = new Map<number, Connection>()
  let opened = 0
  /** Requests over HTTP that are being answered. */
  let answering = 0

  function tooMany(): ErrorDetail | undefined {
    const limit = behaviour.concurrencyLimit
    const current = connections.size + answering
    if (current < limit) return undefined
    return { code: 'TOO_MANY_CONCURRENT_REQUESTS', extra: { limit, current: current + 1 } }
  }

  function enter(): ErrorDetail | { leave: () => void } {
    const refusal = tooMany()
    if (refusal) return refusal
    answering++
    return { leave: () => void answering-- }
  }

  function accept(request: IncomingMessage, refusal: ErrorDetail | 'silent' | undefined, socket: WebSocket): void {
    const number = ++opened
    const connection = serveConnection({
      number,
      socket,
      tcp: request.socket,
      clock,
      behaviour,
      voice,
      catalogue,
      refusal: refusal ?? tooMany(),
      received: (parsed) => journal.take(number, parsed),
      record: (contextId, transcript) => journal.record({ connection: number, contextId, transcript }),
      closed: () => void connections.delete(number),
    })
    connections.set(number, connection)
  }

  const overHttp = { clock, behaviour, voice, catalogue, voices, apiKey, journal, enter }
  const server = await startSocketServer({
    clock,
    port,
    host,
    behaviour,
    maxMessageBytes,
    answer: (request, response) => answerHttp(overHttp, request, response),
    upgrade(request) {
      if (listenPath.test(request.url ?? '')) return listening.upgrade(request)
      const { verdict, faults } = judgeHandshake(request.url ?? '', apiKey, behaviour)
      journal.blame(verdict.kind === 'accept' ? opened + 1 : 0, faults)
      return verdict.kind === 'accept' ? (socket) => accept(request, verdict.refusal, socket) : verdict
    },
  })

  function strike(what: Happening, connection?: number): void {
    for (const [number, open] of connections) if ((connection ?? number) === number) open.strike(what)
  }

  async function shut(): Promise<void> {
    for (const connection of connections.values()) connection.terminate()
    listening.terminate()
    await server.close()
    connections.clear()
  }
  let closed: Promise<void> | undefined

  return {
    url: server.url,
    apiKey,
    voiceId,
    get voices() {
      return voices.matching({})
    },
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
    voiceRequests: journal.voiceRequests,
    spoken: journal.spoken,
    listening,
    strike,
    dropAll: (how = 'abrupt') => strike(how === 'abrupt' ? { kind: 'drop' } : { kind: 'close', ...how }),
    close: () => (closed ??= shut()),
  }
}
