import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import twilio from 'twilio'
import { onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { createSteppedClock, type SteppedClock } from '../../../../src/simulator/clock.ts'
import {
  type PhoneNetwork,
  type PhoneNetworkOptions,
  startPhoneNetwork,
} from '../../../../src/simulator/phone-network/network.ts'

/** A message of the network, as JSON. */
export interface Heard {
  event: string
  sequenceNumber?: string
  streamSid?: string
  protocol?: string
  version?: string
  start?: {
    streamSid: string
    accountSid: string
    callSid: string
    tracks: string[]
    mediaFormat?: { encoding: string; sampleRate: number; channels: number } | null
    customParameters?: Record<string, string>
  }
  media?: { track: string; chunk: string; timestamp: string; payload: string }
  dtmf?: { track: string; digit: string }
  mark?: { name: string }
  stop?: { accountSid: string; callSid: string }
  futureField?: unknown
}

/** One media socket at the bridge. */
export interface BridgeStream {
  readonly request: IncomingMessage
  readonly socket: WebSocket
  readonly messages: Heard[]
  readonly texts: string[]
  streamSid(): string
  send(message: unknown): void
  media(audio: Uint8Array): void
  mark(name: string): void
  clear(): void
  of(event: string): Heard[]
  closeCode: number | undefined
}

export interface WebhookSeen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: URLSearchParams
  readonly atMs: number
}

/** The smallest server that plays "the bridge": it answers webhooks and takes media sockets. */
export interface Bridge {
  readonly url: string
  readonly wsUrl: string
  readonly streams: BridgeStream[]
  readonly webhooks: WebhookSeen[]
  /** Answers a path; default 204. A string is TwiML. */
  readonly answers: Map<string, string | ((request: WebhookSeen, response: ServerResponse) => void)>
  /** Called on `start`. */
  onStart: (stream: BridgeStream) => void
  onMessage: (stream: BridgeStream, message: Heard) => void
  /** Status with which the upgrade is refused. */
  refuse: number | undefined
  of(path: string): WebhookSeen[]
}

export async function startBridge(now: () => number = Date.now): Promise<Bridge> {
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const seen: WebhookSeen = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: new URLSearchParams(Buffer.concat(parts).toString()),
        atMs: now(),
      }
      bridge.webhooks.push(seen)
      const answer = bridge.answers.get(seen.path.replace(/\?.*/, ''))
      if (typeof answer === 'function') answer(seen, response)
      else if (answer === undefined) response.writeHead(204).end()
      else response.writeHead(200, { 'content-type': 'text/xml' }).end(answer)
    })
  })
  const ws = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  server.on('connection', (socket) => sockets.add(socket))
  server.on('upgrade', (request, socket, head) => {
    if (bridge.refuse !== undefined) {
      socket.end(`HTTP/1.1 ${bridge.refuse} No\r\ncontent-length: 0\r\n\r\n`)
      return
    }
    ws.handleUpgrade(request, socket, head, (client) => takeStream(client, request))
  })

  function takeStream(socket: WebSocket, request: IncomingMessage): void {
    const stream: BridgeStream = {
      request,
      socket,
      messages: [],
      texts: [],
      closeCode: undefined,
      streamSid: () => String(stream.of('start')[0]?.streamSid),
      send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
      media: (audio) =>
        stream.send({
          event: 'media',
          streamSid: stream.streamSid(),
          media: { payload: Buffer.from(audio).toString('base64') },
        }),
      mark: (name) => stream.send({ event: 'mark', streamSid: stream.streamSid(), mark: { name } }),
      clear: () => stream.send({ event: 'clear', streamSid: stream.streamSid() }),
      of: (event) => stream.messages.filter((message) => message.event === event),
    }
    bridge.streams.push(stream)
    socket.on('error', () => {})
    socket.on('close', (code) => {
      stream.closeCode = code
    })
    socket.on('message', (data) => {
      const text = (data as Buffer).toString()
      stream.texts.push(text)
      let message: Heard
      try {
        message = JSON.parse(text)
      } catch {
        return
      }
      stream.messages.push(message)
      bridge.onMessage(stream, message)
      if (message.event === 'start') bridge.onStart(stream)
    })
  }

  const bridge: Bridge = {
    url: '',
    wsUrl: '',
    streams: [],
    webhooks: [],
    answers: new Map(),
    onStart: () => {},
    onMessage: () => {},
    refuse: undefined,
    of: (path) => bridge.webhooks.filter((seen) => seen.path.replace(/\?.*/, '') === path),
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  Object.assign(bridge, { url: `http://127.0.0.1:${port}`, wsUrl: `ws://127.0.0.1:${port}/media` })
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return bridge
}

type NewCall = Parameters<ReturnType<typeof twilio>['calls']['create']>[0]

export interface Scene {
  clock: SteppedClock
  network: PhoneNetwork
  bridge: Bridge
  client: ReturnType<typeof twilio>
  from: string
  /** Creates a call with the official client, on the stepped clock. */
  dial: (options?: Partial<NewCall>) => Promise<string>
}

export const callee = '+14155550100'

/** TwiML that connects to the bridge. */
export function connectTwiml(bridge: Bridge, attributes = '', inside = '', after = ''): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Response><Connect ${attributes}><Stream url="${bridge.wsUrl}">${inside}</Stream></Connect>${after}</Response>`
}

export function clientOf(network: PhoneNetwork): ReturnType<typeof twilio> {
  const client = twilio(network.account.sid, network.account.authToken)
  client.api.baseUrl = network.url
  return client
}

/** A network on a stepped clock, a bridge, and the official client. */
export async function setScene(options: Omit<PhoneNetworkOptions, 'clock'> = {}): Promise<Scene> {
  const clock = createSteppedClock()
  const network = await startPhoneNetwork({ ...options, clock })
  onTestFinished(() => network.close())
  const bridge = await startBridge(() => clock.now())
  const client = clientOf(network)
  const from = network.account.numbers[0] ?? ''
  return {
    clock,
    network,
    bridge,
    client,
    from,
    dial: async (options = {}) => {
      const defaults = 'url' in options || 'twiml' in options ? {} : { twiml: connectTwiml(bridge) }
      const call = await clock.runUntil(client.calls.create({ to: callee, from, ...defaults, ...options }))
      return call.sid
    },
  }
}

/** `ms` of mu-law without any silence, different for every seed. */
export function sound(ms: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length: ms * 8 }, (_, i) => 1 + ((Math.imul(i + seed * 7919, 2_654_435_761) >>> 24) % 100))
}

/** A server of raw TCP, for ends that speak something else. */
export async function tcpServer(onSocket: (socket: Socket) => void): Promise<{ url: string; server: Server }> {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onSocket(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  return { url: `ws://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, server }
}
