import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { binaryFrame, longestBinary } from '../../../src/wire/binary-frame.ts'
import { type Connection, openConnection } from '../../../src/wire/connection.ts'
import { maskKey } from '../../../src/wire/write-past.ts'
import { BridgeError } from '../../../src/errors.ts'
import { systemClock } from '../../../src/ops/clock.ts'

const lengths = [0, 1, 3, 4, 5, 125, 126, 127, 160, 255, 256, 640, 8000, longestBinary - 1, longestBinary]
const sounds = [...lengths, longestBinary + 1, 70_000].map((length, place) =>
  Buffer.from(Uint8Array.from({ length }, (_, at) => at * 7 + place)),
)

/** A service that tells what it hears, and in which bytes. */
async function service() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate()
    server.close()
  })
  const messages: unknown[] = []
  const wire: Buffer[] = []
  const closed = Promise.withResolvers<number>()
  server.on('connection', (socket, { socket: tcp }: { socket: Socket }) => {
    tcp.on('data', (bytes: Buffer) => wire.push(bytes))
    socket.on('message', (data: Buffer, isBinary) => messages.push(isBinary ? data : data.toString()))
    socket.on('error', (error) => messages.push(error.message))
    socket.on('close', (code) => closed.resolve(code))
  })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `ws://127.0.0.1:${port}`, messages, wire, closed: closed.promise }
}

async function connected(socketUrl: string): Promise<Connection<string>> {
  const error = new BridgeError('hearing.lost', 'lost')
  const peer = {
    socketUrl,
    goodbye: 'goodbye',
    read: String,
    refused: () => error,
    unreachable: () => error,
    lost: () => error,
  }
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const connection = openConnection<string>(peer, systemClock, {
    opened: resolve,
    frame() {},
    lost: ({ error: why }) => reject(why),
  })
  await promise
  return connection
}

test('sound of any length comes whole and in order, between texts and before the goodbye, and is not changed here', async () => {
  const { url, messages, closed } = await service()
  const connection = await connected(url)
  const before = sounds.map((sound) => Buffer.from(sound))
  for (const sound of sounds) {
    connection.send(sound)
    connection.send(`behind ${sound.length}`)
  }
  await connection.close()
  expect(await closed).toBe(1000)
  expect(messages).toEqual([...sounds.flatMap((sound) => [sound, `behind ${sound.length}`]), 'goodbye'])
  expect(sounds).toEqual(before)
})

test('sound that is sent when the connection is closed goes nowhere and disturbs nobody', async () => {
  const { url, messages, closed } = await service()
  const connection = await connected(url)
  const close = connection.close()
  connection.send(Buffer.alloc(160))
  await close
  connection.send(Buffer.alloc(160))
  expect(await closed).toBe(1000)
  expect(messages).toEqual(['goodbye'])
})

test('every frame has a mask of its own', async () => {
  const { url, wire, closed } = await service()
  const connection = await connected(url)
  const frames = 20
  for (let frame = 0; frame < frames; frame++) connection.send(Buffer.alloc(160))
  await connection.close()
  await closed
  const bytes = Buffer.concat(wire)
  const keys = Array.from({ length: frames }, (_, frame) => bytes.readInt32BE(frame * 168 + 4))
  expect(new Set(keys).size).toBe(frames)
})

test('keys come from the whole of the 32 bits, and do not run out', () => {
  const keys = Array.from({ length: 5000 }, maskKey)
  expect(new Set(keys).size).toBeGreaterThan(4990)
  expect(keys.reduce((all, key) => all | key, 0)).toBe(-1)
})

test('a frame that was built is not changed by the next one', () => {
  const first = binaryFrame(Buffer.alloc(300, 1), 0x01020304)
  const copy = Buffer.from(first, 'latin1')
  binaryFrame(Buffer.alloc(300, 9), 0x0a0b0c0d)
  expect(Buffer.from(first, 'latin1')).toEqual(copy)
  expect(first).toHaveLength(308)
})
