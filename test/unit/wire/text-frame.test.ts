import { once } from 'node:events'
import type { Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { textFrame } from '../../../src/wire/text-frame.ts'

const lengths = [0, 1, 125, 126, 127, 255, 256, 65_535, 65_536, 70_000]
const texts = lengths.map((length) => 'x'.repeat(length))

/** What a websocket client reads that the server's side writes past its own websocket. */
async function heard(write: (tcp: Socket) => Promise<void>): Promise<readonly unknown[]> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => {
    server.close()
  })
  server.on('connection', (socket, { socket: tcp }) => {
    void write(tcp).then(() => socket.close(1000))
  })
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a port')
  const client = new WebSocket(`ws://127.0.0.1:${address.port}`)
  const messages: unknown[] = []
  client.on('message', (data, isBinary) =>
    messages.push(!isBinary && Buffer.isBuffer(data) ? data.toString() : 'no text'),
  )
  const [code] = await once(client, 'close')
  expect(code).toBe(1000)
  return messages
}

test('texts of any length are whole messages to a websocket client, and the close frame of `ws` follows them', async () => {
  const messages = await heard(async (tcp) => {
    tcp.write(texts.map(textFrame).join(''), 'latin1')
  })
  expect(messages).toEqual(texts)
})

test('however the bytes are cut on their way, the messages are the same', async () => {
  const bytes = Buffer.from(texts.slice(0, 7).map(textFrame).join(''), 'latin1')
  const messages = await heard(async (tcp) => {
    tcp.setNoDelay(true)
    for (let at = 0; at < bytes.length; at += 97) {
      tcp.write(bytes.subarray(at, at + 97))
      await new Promise((resolve) => setImmediate(resolve))
    }
  })
  expect(messages).toEqual(texts.slice(0, 7))
})
