import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import type { Bridge } from '../../scripts/bench/bridge.ts'
import type { Troubles } from '../../scripts/bench/faults.ts'
import { startGenerator } from '../../scripts/bench/generator.ts'
import { openSession } from '../../scripts/bench/session.ts'
import { createVoice } from '../../scripts/bench/sound.ts'

/** Passes on what it is given, or does something to it. Made anew for each call. */
export type Hand<Frame> = (send: (frame: Frame) => void) => (frame: Frame) => void

export interface Relay {
  /** What the phone hears goes through this, as messages. */
  readonly voice?: Hand<string>
  /** What the recognizer gets goes through this, as mu-law; left out: there is none. */
  readonly ear?: Hand<Buffer>
  /** A key comes: what is sent to the phone then. */
  readonly key?: (send: (frame: string) => void, streamSid: string) => void
  readonly calls?: number
  /** The phone has gone, and the connections behind it are left open. */
  readonly leaking?: boolean
  /** For so long the phones speak. */
  readonly speakMs?: number
}

const sentenceMs = 200
const withinMs = { firstSoundWithinMs: 300, drainWithinMs: 300, goodbyeWithinMs: 300 }
const unasked = () => Promise.reject(new Error('nobody asks for it'))

/** What the benchmark finds wrong with calls through a relay: a server as far as phones can tell, webhooks and all. */
export async function troublesOf({
  voice = through,
  ear,
  key,
  leaking = false,
  calls = 1,
  speakMs = 0,
}: Relay): Promise<Troubles> {
  const generator = await startGenerator(sentenceMs)
  const servicesUrl = generator.url.replace('http', 'ws')
  let port = 0
  const http = createServer((request, response) => {
    request.resume()
    response.end(`<Response><Connect><Stream url="ws://127.0.0.1:${port}/"/></Connect></Response>`)
  })
  const server = new WebSocketServer({ server: http })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const services: WebSocket[] = []
  onTestFinished(async () => {
    for (const socket of services) socket.terminate()
    server.close()
    http.close()
    http.closeAllConnections()
    await generator.close()
  })
  const address = http.address()
  port = address !== null && typeof address === 'object' ? address.port : 0

  server.on('connection', (phone) => {
    const sockets: WebSocket[] = []
    let listen = (_sound: Buffer): void => {}
    const hand = voice((frame) => phone.send(frame))
    phone.on('message', (data: RawData) => {
      const { event, streamSid = '', media } = read(data)
      if (event === 'media' && media) listen(Buffer.from(media.payload, 'base64'))
      if (event === 'dtmf') key?.((frame) => phone.send(frame), streamSid)
      if (event !== 'start') return
      const speech = new WebSocket(`${servicesUrl}/text_to_speech/websocket/ws`)
      speech.on('open', () => {
        speech.send(JSON.stringify({ transcript: 'Hello. ', context_id: 'c' }))
        speech.send(JSON.stringify({ transcript: '', context_id: 'c' }))
      })
      speech.on('message', (chunk: RawData) => {
        const { audio = '' } = read(chunk)
        if (audio !== '') hand(JSON.stringify({ event: 'media', streamSid, media: { payload: audio } }))
      })
      sockets.push(speech)
      if (!ear) return
      const recognizer = new WebSocket(`${servicesUrl}/v1/listen`)
      recognizer.on('open', () => {
        listen = ear((sound) => recognizer.send(sound))
      })
      sockets.push(recognizer)
    })
    phone.on('close', () => {
      services.push(...sockets)
      if (!leaking) for (const socket of sockets) socket.close()
    })
  })

  const bridge: Bridge = { kind: 'server', port, begin: unasked, end: unasked, memory: unasked, stop: unasked }
  const session = await openSession(
    generator,
    bridge,
    { pace: 'instant', voice: createVoice(20) },
    { calls, atOnce: calls, ...withinMs },
  )
  if (key) for (const phone of session.phones) phone.press('1')
  await pause(speakMs)
  return session.close()
}

/** What it finds wrong with a bridge that takes whoever calls, says nothing, and answers no goodbye. */
export async function troublesOfStone(calls: number): Promise<Troubles> {
  const generator = await startGenerator(sentenceMs)
  const http = createServer()
  const taken: Duplex[] = []
  http.on('upgrade', ({ headers }: IncomingMessage, socket: Duplex) => {
    taken.push(socket.on('error', () => {}).resume())
    const accept = createHash('sha1').update(`${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    const head = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept.digest('base64')}`
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${head}\r\n\r\n`)
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  onTestFinished(async () => {
    for (const socket of taken) socket.destroy()
    http.close()
    await generator.close()
  })
  const address = http.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const bridge: Bridge = { kind: 'floor', port, begin: unasked, end: unasked, memory: unasked, stop: unasked }
  const sounding = { pace: 'instant', voice: createVoice(20) } as const
  const session = await openSession(generator, bridge, sounding, { calls, atOnce: calls, ...withinMs })
  return session.close()
}

export function through<Frame>(send: (frame: Frame) => void): (frame: Frame) => void {
  return send
}

function read(data: RawData) {
  return JSON.parse(Buffer.isBuffer(data) ? data.toString() : '') as {
    event?: string
    streamSid?: string
    audio?: string
    media?: { payload: string }
  }
}
