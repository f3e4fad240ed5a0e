import type { Socket } from 'node:net'
import type { RawData, WebSocket } from 'ws'
import type { Clock, Timer } from '../clock.ts'
import { incidentsAt } from '../incidents.ts'
import type { SpokenRecorder } from '../spoken.ts'
import type { Voice } from '../voice.ts'
import { later } from '../waiting.ts'
import type { DeepgramBehaviour } from './behaviour.ts'
import {
  binaryMessage,
  type ClientMessage,
  type MessageFault,
  type ParsedMessage,
  readClientMessage,
} from './client-messages.ts'
import type { FatalCode } from './closes.ts'
import type { Happening } from './incidents.ts'
import { languageOf, modelFacts } from './models.ts'
import { createOutgoing } from './outgoing.ts'
import type { SpeechSettings } from './query.ts'
import { metadataFrame } from './server-frames.ts'
import { createSpeaker } from './speaker.ts'
import { createWindow } from './window.ts'

export interface ConnectionDependencies {
  readonly number: number
  readonly socket: WebSocket
  readonly tcp: Socket
  readonly clock: Clock
  readonly behaviour: DeepgramBehaviour
  readonly voice: Voice
  readonly settings: SpeechSettings
  readonly requestId: string
  readonly received: (parsed: ParsedMessage) => void
  readonly record: (text: string) => SpokenRecorder
  /** `unclean`: TCP ended without a close frame. */
  readonly closed: (how: 'clean' | 'unclean') => void
}

export interface Connection {
  strike(what: Happening): void
  terminate(): void
}

const abnormalClosure = 1006

/** One accepted socket, from the handshake to its close. */
export function serveConnection(deps: ConnectionDependencies): Connection {
  const { socket, clock, behaviour, settings } = deps
  const counts = { connect: 0, speak: 0, flush: 0, clear: 0, audio: 0 }
  const characters = createWindow()
  const flushes = createWindow()
  let closeAsked = false
  const over = new AbortController()
  let idle: Timer | undefined

  const out = createOutgoing(socket, deps.tcp, behaviour, {
    ending() {
      over.abort()
      speaker.stop()
    },
    stuck: () => speaker.stick(),
  })

  const speaker = createSpeaker({
    clock,
    behaviour,
    voice: deps.voice,
    language: languageOf(settings.model),
    format: settings.format,
    send: out.send,
    record: deps.record,
    audioSent: () => {
      if (incidents('audio') === 'abandon') speaker.lose()
    },
    voiceFailed: () => out.fatal('NET-0000'),
  })

  function armIdle(): void {
    idle?.cancel()
    idle = later(clock, behaviour.idleTimeoutMs, over.signal, () => out.fatal('NET-0001'))
  }

  function incidents(at: keyof typeof counts): 'go-on' | 'abandon' {
    const nth = ++counts[at]
    const aftermaths = incidentsAt(behaviour.incidents, at, nth, deps.number).map((what) => out.happen(what))
    return aftermaths.includes('abandon') ? 'abandon' : 'go-on'
  }

  function refuse(fatal: FatalCode, fault: MessageFault): MessageFault {
    out.fatal(fatal)
    return fault
  }

  function speak(text: string): MessageFault | undefined {
    if (text.length > behaviour.charactersPerMessage)
      return refuse('BIG-0001', { code: 'too-many-characters', detail: `${text.length} characters in one Speak` })
    characters.add(clock.now(), text.length)
    const sum = characters.sum(clock.now())
    if (sum > behaviour.charactersPerMinute)
      return refuse('DATA-0001', { code: 'characters-per-minute', detail: `${sum} characters in 60 s` })
    if (incidents('speak') === 'go-on') speaker.say(text)
    return undefined
  }

  function flush(): MessageFault | undefined {
    if (flushes.sum(clock.now()) >= behaviour.flushesPerMinute) {
      out.warn('EXCESSIVE_FLUSH', 'Rate limit exceeded for flushes. Please try again later.')
      return { code: 'excessive-flush', detail: `more than ${behaviour.flushesPerMinute} in 60 s` }
    }
    flushes.add(clock.now(), 1)
    if (incidents('flush') === 'go-on') speaker.flush()
    return undefined
  }

  function close(): void {
    closeAsked = true
    if (behaviour.closeMessage === 'immediate') out.close(1000)
    else speaker.finish(() => out.close(1000))
  }

  /** Returns what only the state of the socket makes a fault. */
  function obey(message: ClientMessage): MessageFault | undefined {
    if (closeAsked) return { code: 'after-close', detail: message.kind }
    if (message.kind === 'speak') return speak(message.text)
    if (message.kind === 'flush') return flush()
    if (message.kind === 'close') close()
    else if (message.kind === 'clear') {
      if (incidents('clear') === 'go-on') speaker.clear()
    } else if (message.kind === 'binary') out.fatal('MESSAGE-0000')
    else if (behaviour.badMessage === 'close') out.fatal('DATA-0000')
    return undefined
  }

  function listen(data: RawData, isBinary: boolean): void {
    if (out.closing) return
    armIdle()
    const bytes = Buffer.isBuffer(data) ? data : Buffer.alloc(0)
    if (bytes.length > behaviour.messageBytes) {
      const fault = refuse('BIG-0000', { code: 'too-large', detail: `${bytes.length} bytes in one message` })
      deps.received({ message: { kind: 'unreadable' }, raw: undefined, faults: [fault] })
      return
    }
    const parsed = isBinary ? binaryMessage : readClientMessage(bytes.toString())
    const fault = obey(parsed.message)
    deps.received(fault ? { ...parsed, faults: [fault, ...parsed.faults] } : parsed)
  }

  socket.on('message', listen)
  socket.on('ping', (data) => {
    if (behaviour.pingResetsIdle) armIdle()
    out.pong(data)
  })
  // The socket closes by itself after an error of the websocket protocol.
  socket.on('error', () => {})
  socket.on('close', (code) => {
    out.gone()
    deps.closed(code === abnormalClosure ? 'unclean' : 'clean')
  })

  armIdle()
  later(clock, behaviour.lifeMs, over.signal, () => out.fatal('NET-0003'))
  if (behaviour.metadata === 'first') out.send(metadataFrame(deps.requestId, modelFacts(settings.model)))
  incidents('connect')

  return {
    strike: (what) => void (out.happen(what) === 'abandon' && speaker.lose()),
    terminate: () => out.terminate(),
  }
}
