import { randomUUID } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { AsyncBehaviour } from '../../../../src/simulator/async/behaviour.ts'
import {
  type AsyncService,
  type AsyncServiceOptions,
  startAsyncService,
} from '../../../../src/simulator/async/service.ts'
import { createSteppedClock, type SteppedClock } from '../../../../src/simulator/clock.ts'

export interface Frame {
  context_id?: string
  audio?: string
  final?: boolean
  error_code?: string
  message?: string
  extra?: Record<string, unknown> | null
  event?: string
  [key: string]: unknown
}

export interface Client {
  readonly socket: WebSocket
  /** Text frames that are JSON, with the simulated time at which they came. */
  readonly frames: Frame[]
  readonly atMs: number[]
  /** Everything else that came. */
  readonly odd: (string | Buffer)[]
  readonly opened: Promise<void>
  readonly closed: Promise<{ code: number; reason: string }>
  send(message: unknown): void
  init(fields?: Record<string, unknown>): void
  say(transcript: string, contextId?: string, force?: boolean): void
  end(contextId?: string): void
  closeContext(contextId?: string): void
  /** Decoded audio, of one context or of all. */
  audio(contextId?: string): Buffer
  errors(): string[]
  /** A letter per frame: a audio, e empty audio, F final, X error, ? anything else. */
  shape(): string
}

export async function start(
  behaviour: Partial<AsyncBehaviour> = {},
  options: AsyncServiceOptions = {},
): Promise<{ clock: SteppedClock; service: AsyncService; connect: (query?: string) => Client }> {
  const clock = (options.clock as SteppedClock | undefined) ?? createSteppedClock(0)
  const service = await startAsyncService({ behaviour, ...options, clock })
  onTestFinished(() => service.close())
  return { clock, service, connect: (query) => connect(service, clock, query) }
}

/** A bare websocket, that knows the wire by heart and nothing of the service's code. */
function connect(service: AsyncService, clock: SteppedClock, query?: string): Client {
  const base = service.url.replace('http', 'ws')
  const url = `${base}/text_to_speech/websocket/ws?${query ?? `api_key=${encodeURIComponent(service.apiKey)}&version=v1`}`
  const socket = new WebSocket(url)
  const frames: Frame[] = []
  const atMs: number[] = []
  const odd: (string | Buffer)[] = []
  const opened = new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  opened.catch(() => {})
  socket.on('error', () => {})
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }))
  })
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) {
      odd.push(data)
      return
    }
    try {
      frames.push(JSON.parse(data.toString()) as Frame)
      atMs.push(clock.now())
    } catch {
      odd.push(data.toString())
    }
  })
  onTestFinished(() => socket.terminate())
  const context = (id?: string) => (id === undefined ? {} : { context_id: id })
  const client: Client = {
    socket,
    frames,
    atMs,
    odd,
    opened,
    closed,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    init: (fields = {}) =>
      client.send({
        model_id: 'async_flash_v1.5',
        voice: { mode: 'id', id: service.voiceId },
        output_format: { container: 'raw', encoding: 'pcm_mulaw', sample_rate: 8000 },
        ...fields,
      }),
    say: (transcript, id, force = true) => client.send({ transcript, ...context(id), force }),
    end: (id) => client.send({ transcript: '', ...context(id) }),
    closeContext: (id) => client.send({ transcript: '', ...context(id), close_context: true }),
    audio: (id) =>
      Buffer.concat(
        frames
          .filter((frame) => typeof frame.audio === 'string' && (id === undefined || frame.context_id === id))
          .map((frame) => Buffer.from(frame.audio ?? '', 'base64')),
      ),
    errors: () => frames.flatMap((frame) => frame.error_code ?? []),
    shape: () =>
      frames
        .map((frame) => {
          if (frame.error_code !== undefined) return 'X'
          if (typeof frame.audio !== 'string') return '?'
          if (frame.final === true) return frame.audio === '' ? 'F' : 'A'
          return frame.audio === '' ? 'e' : 'a'
        })
        .join(''),
  }
  return client
}

/** A socket that has said init, on a fresh service. */
export async function ready(behaviour: Partial<AsyncBehaviour> = {}, options: AsyncServiceOptions = {}) {
  const started = await start(behaviour, options)
  const client = started.connect()
  await started.clock.runUntil(client.opened)
  client.init()
  await started.clock.advance(0)
  return { ...started, client, id: randomUUID() as string }
}
