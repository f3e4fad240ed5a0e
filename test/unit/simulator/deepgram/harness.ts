import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { createSteppedClock, type SteppedClock } from '../../../../src/simulator/clock.ts'
import type { DeepgramBehaviour } from '../../../../src/simulator/deepgram/behaviour.ts'
import {
  type DeepgramService,
  type DeepgramServiceOptions,
  startDeepgramService,
} from '../../../../src/simulator/deepgram/service.ts'

export interface Frame {
  type?: string
  sequence_id?: number
  [key: string]: unknown
}

export interface Client {
  readonly socket: WebSocket
  /** Everything that came, in order: audio, JSON, or text that is none. */
  readonly came: (Buffer | Frame | string)[]
  /** The simulated time at which each of `came` came. */
  readonly atMs: number[]
  readonly opened: Promise<void>
  readonly closed: Promise<{ code: number; reason: string }>
  send(message: unknown): void
  say(text: string): void
  flush(): void
  clear(): void
  close(): void
  audio(): Buffer
  frames(type?: string): Frame[]
  /** A letter per frame: M Metadata, a audio, F Flushed, C Cleared, W Warning, E Error, ? anything else; runs of audio as one. */
  shape(): string
}

export const telephony = 'model=aura-2-thalia-en&encoding=mulaw&sample_rate=8000'
const letters = new Map([
  ['Metadata', 'M'],
  ['Flushed', 'F'],
  ['Cleared', 'C'],
  ['Warning', 'W'],
  ['Error', 'E'],
  ['error', 'E'],
])

export async function start(behaviour: Partial<DeepgramBehaviour> = {}, options: DeepgramServiceOptions = {}) {
  const clock = (options.clock as SteppedClock | undefined) ?? createSteppedClock(0)
  const service = await startDeepgramService({ behaviour, ...options, clock })
  onTestFinished(() => service.close())
  return {
    clock,
    service,
    connect: (query = telephony, headers: Record<string, string> = { authorization: `Token ${service.apiKey}` }) =>
      connect(service, clock, query, headers),
  }
}

/** A bare websocket, that knows the wire by heart and nothing of the service's code. */
function connect(
  service: DeepgramService,
  clock: SteppedClock,
  query: string,
  headers: Record<string, string>,
): Client {
  const socket = new WebSocket(`${service.url.replace('http', 'ws')}/v1/speak?${query}`, { headers })
  const came: (Buffer | Frame | string)[] = []
  const atMs: number[] = []
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
    atMs.push(clock.now())
    came.push(isBinary ? data : readFrame(data.toString()))
  })
  onTestFinished(() => socket.terminate())
  const client: Client = {
    socket,
    came,
    atMs,
    opened,
    closed,
    send: (message) =>
      socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message)),
    say: (text) => client.send({ type: 'Speak', text }),
    flush: () => client.send({ type: 'Flush' }),
    clear: () => client.send({ type: 'Clear' }),
    close: () => client.send({ type: 'Close' }),
    audio: () => Buffer.concat(came.filter((it) => Buffer.isBuffer(it))),
    frames: (type) =>
      came
        .filter((it): it is Frame => typeof it === 'object' && !Buffer.isBuffer(it))
        .filter((it) => type === undefined || it.type === type),
    shape: () =>
      came
        .map((it) => (Buffer.isBuffer(it) ? 'a' : typeof it === 'string' ? '?' : (letters.get(it.type ?? '') ?? '?')))
        .join('')
        .replaceAll(/a+/g, 'a'),
  }
  return client
}

function readFrame(text: string): Frame | string {
  try {
    return JSON.parse(text) as Frame
  } catch {
    return text
  }
}

/** An open socket on a fresh service. */
export async function ready(behaviour: Partial<DeepgramBehaviour> = {}, options: DeepgramServiceOptions = {}) {
  const started = await start(behaviour, options)
  const client = started.connect()
  await started.clock.runUntil(client.opened)
  await started.clock.advance(0)
  return { ...started, client }
}
