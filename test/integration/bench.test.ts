import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { type RawData, type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import { openSocket } from '../../scripts/bench/wire/handshake.ts'

/** A websocket server with what it does with who connects. */
async function serverOf(connected: (socket: WebSocket) => void, options: ServerOptions = {}): Promise<string> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options })
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  server.on('connection', connected)
  const address = server.address()
  return `ws://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}/`
}

test('what the kernel has no room for comes later, whole and in order', async () => {
  const got: string[] = []
  const all = Promise.withResolvers<void>()
  let resume = () => {}
  const url = await serverOf((socket) => {
    socket.pause()
    resume = () => socket.resume()
    socket.on('message', (data: RawData) => {
      got.push(Buffer.isBuffer(data) ? data.toString().slice(0, 8) : '')
      if (got.length === frames) all.resolve()
    })
  })
  const frames = 400
  const socket = await openSocket(url, {}, { text() {} })
  const sent = Array.from({ length: frames }, (_, index) => String(index).padStart(8))
  for (const name of sent) {
    const frame = socket.frameOf(name + 'x'.repeat(60_000))
    socket.write(frame, frame.length)
    // Whoever writes may use the buffer again at once.
    frame.fill(0)
  }
  resume()
  await all.promise
  expect(got).toEqual(sent)
  socket.close()
})

test('a websocket that is refused is refused with its status, and one that ends has a code', async () => {
  const refusing = await serverOf(() => {}, { verifyClient: (_info, told) => told(false, 403) })
  await expect(openSocket(refusing, {}, { text() {} })).rejects.toThrow('status 403')
  const closed = Promise.withResolvers<number | undefined>()
  const closing = await serverOf((socket) => socket.close(4_001))
  const socket = await openSocket(closing, {}, { text() {}, closed: closed.resolve })
  expect(await closed.promise).toBe(4_001)
  expect(socket.isOpen()).toBe(false)
  socket.send('nobody hears it')
})
