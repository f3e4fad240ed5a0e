import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { RawData, WebSocket } from 'ws'
import type { Clock, Timer } from '../clock.ts'
import type { Voice } from '../voice.ts'
import type { AsyncBehaviour } from './behaviour.ts'
import { type ClientMessage, type MessageFault, type ParsedMessage, readClientMessage } from './client-messages.ts'
import { type Contexts, createContexts } from './contexts.ts'
import type { ErrorDetail } from './error-frames.ts'
import type { Happening } from './incidents.ts'
import { type Catalogue, readInitFields, type SocketSettings } from './init.ts'
import { type Aftermath, createOutgoing } from './outgoing.ts'
import { initAckFrame } from './server-frames.ts'
import { createSpeaker, type Speaker } from './speaker.ts'
import type { SpokenRecorder } from '../spoken.ts'
import { incidentsAt } from '../incidents.ts'

export interface ConnectionDependencies {
  readonly number: number
  readonly socket: WebSocket
  readonly tcp: Socket
  readonly clock: Clock
  readonly behaviour: AsyncBehaviour
  readonly voice: Voice
  readonly catalogue: Catalogue
  /** What the handshake found; the socket is told and closed. */
  readonly refusal: ErrorDetail | 'silent' | undefined
  readonly received: (parsed: ParsedMessage) => void
  readonly record: (contextId: string, transcript: string) => SpokenRecorder
  readonly closed: () => void
}

export interface Connection {
  strike(what: Happening): void
  terminate(): void
}

const binaryMessage: ParsedMessage = {
  message: { kind: 'unreadable' },
  raw: undefined,
  faults: [{ code: 'binary', detail: 'messages are text frames' }],
}
const tooLargeMessage: ParsedMessage = { ...binaryMessage, faults: [{ code: 'too-large', detail: 'more than 1 MiB' }] }

/** One accepted socket, from the handshake to its close. */
export function serveConnection(deps: ConnectionDependencies): Connection {
  const { socket, clock, behaviour } = deps
  const serverContextId: string = randomUUID()
  const counts = { connect: 0, init: 0, transcript: 0, audio: 0 }
  let speaker: Speaker | undefined
  let contexts: Contexts | undefined
  let idle: Timer | undefined

  const out = createOutgoing(socket, deps.tcp, behaviour, () => {
    idle?.cancel()
    speaker?.stop()
  })

  function armIdle(): void {
    idle?.cancel()
    const { idleTimeoutMs } = behaviour
    if (out.closing || !Number.isFinite(idleTimeoutMs)) return
    idle = clock.after(idleTimeoutMs, () => {
      const seconds = (idleTimeoutMs / 1000).toFixed(1)
      out.error({ code: 'TIMEOUT', message: `Timeout: no message received in ${seconds} seconds` })
      out.close()
    })
  }

  function incidents(at: 'connect' | 'init' | 'transcript' | 'audio', contextId = serverContextId): Aftermath {
    const nth = ++counts[at]
    const otherwise = at === 'connect' || at === 'init' ? 'close' : 'abandon'
    const aftermaths = incidentsAt(behaviour.incidents, at, nth, deps.number).map((what) =>
      out.happen(what, contextId, otherwise),
    )
    return aftermaths.includes('abandon') ? 'abandon' : 'go-on'
  }

  function begin({ language, output }: SocketSettings): void {
    speaker = createSpeaker({
      clock,
      behaviour,
      voice: deps.voice,
      language,
      output,
      send: out.send,
      record: deps.record,
      audioSent: (context) => {
        if (incidents('audio', context.id) === 'abandon') contexts?.abandon(context.id)
      },
      ended: (context) => {
        if (context.isDefault && behaviour.defaultContextEnd === 'closes-socket') out.close()
      },
      voiceFailed: (context, error) => {
        contexts?.abandon(context.id)
        const extra = { cause: error instanceof Error ? error.message : String(error) }
        out.error({ code: 'INTERNAL_SERVER_ERROR', extra }, behaviour.errorContextId ? context.id : undefined)
      },
    })
    contexts = createContexts({ behaviour, serverContextId, speaker, send: out.send })
  }

  function init(fields: Readonly<Record<string, unknown>>): MessageFault | undefined {
    if (contexts) {
      if (behaviour.secondInit === 'error')
        out.error({ code: 'INVALID_REQUEST', message: 'This socket is initialised already.' })
      return { code: 'second-init', detail: 'one init message a socket' }
    }
    const answer = readInitFields(fields, deps.catalogue)
    if (!answer.ok) {
      out.error(answer.error)
      if (behaviour.afterBadInit === 'close') out.close()
      return { code: 'refused-init', detail: answer.error.code }
    }
    if (incidents('init') === 'abandon') return undefined
    begin(answer.settings)
    if (behaviour.initAck) out.send(initAckFrame(serverContextId))
    return undefined
  }

  /** Returns what only the state of the socket makes a fault. */
  function obey(message: ClientMessage): MessageFault | undefined {
    if (message.kind === 'init') return init(message.fields)
    if (message.kind === 'close-connection') out.close()
    else if (message.kind === 'unreadable') {
      if (behaviour.badMessage === 'error') out.error({ code: 'INVALID_REQUEST' })
    } else if (!contexts) {
      if (behaviour.textBeforeInit === 'error')
        out.error({ code: 'INVALID_REQUEST', message: 'The first message initialises the socket.' })
      return { code: 'text-before-init', detail: 'init comes first' }
    } else if (message.kind !== 'text' || incidents('transcript', message.contextId) === 'go-on') contexts.take(message)
    return undefined
  }

  function listen(data: RawData, isBinary: boolean): void {
    if (out.closing) return
    armIdle()
    const parsed = isBinary || !Buffer.isBuffer(data) ? binaryMessage : readClientMessage(data.toString())
    const fault = obey(parsed.message)
    deps.received(fault ? { ...parsed, faults: [fault, ...parsed.faults] } : parsed)
  }

  socket.on('message', listen)
  socket.on('ping', (data) => {
    if (behaviour.pingResetsIdle) armIdle()
    out.pong(data)
  })
  // The socket closes by itself after an error of the websocket protocol.
  socket.on('error', (error) => {
    if ('code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') deps.received(tooLargeMessage)
  })
  socket.on('close', () => {
    out.gone()
    deps.closed()
  })

  if (deps.refusal === undefined) {
    armIdle()
    incidents('connect')
  } else {
    if (deps.refusal !== 'silent') out.error(deps.refusal)
    out.close()
  }

  return {
    strike: (what) => void out.happen(what, serverContextId, 'go-on'),
    terminate: () => out.terminate(),
  }
}
