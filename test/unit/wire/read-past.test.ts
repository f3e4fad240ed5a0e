import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { readMaskedAscii } from '../../../src/wire/masked-text.ts'
import { writeBytes } from '../../../src/wire/one-write.ts'
import { readPastAsClient, readPastAsServer } from '../../../src/wire/read-past.ts'
import { tellingSocket } from '../../../src/wire/write-past.ts'
import { Path } from './path.ts'

/** Of nobody but these tests. */
const folder = new URL('../../certificates/', import.meta.url)
const cert = readFileSync(new URL('localhost.pem', folder))
const key = readFileSync(new URL('localhost-key.pem', folder))

const textOf = (data: RawData) => (Buffer.isBuffer(data) ? data.toString() : '')
const plain = { perMessageDeflate: false } as const
const kinds = {
  'ws:': () => createHttpServer(),
  'wss:': () => createHttpsServer({ cert, key }),
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return address !== null && typeof address === 'object' ? address.port : 0
}

/** A client whose texts that begin with `+` are taken past `ws`; both ways end in one list. */
async function join(kind: keyof typeof kinds, greet: (socket: WebSocket) => void = () => {}) {
  const server = kinds[kind]()
  const sockets = new WebSocketServer({ server, ...plain })
  sockets.on('connection', greet)
  const port = await listen(server)
  const came: string[] = []
  const path = new Path(false, (bytes, from, to) => {
    const text = bytes.toString('latin1', from, to)
    if (!text.startsWith('+')) return false
    came.push(text)
    return true
  })
  const options = readPastAsClient(path)
  const client = new WebSocket(`${kind}//localhost:${port}`, { ...plain, ...options, ca: cert })
  const connected = once(sockets, 'connection')
  client.on('message', (data) => came.push(textOf(data)))
  await once(client, 'open')
  const [service] = await connected
  if (!(service instanceof WebSocket)) throw new Error('expected a websocket')
  onTestFinished(() => client.terminate())
  const arrived = async (count: number) => {
    while (came.length < count) await pause(1)
    return came
  }
  return { client, service, came, arrived }
}

describe.each(Object.keys(kinds) as (keyof typeof kinds)[])('as a client, %s', (kind) => {
  test('what is taken and what ws reads come in the order in which it was sent, whole, however long', async () => {
    const { service, arrived } = await join(kind)
    const sent = Array.from({ length: 400 }, (_, index) => {
      const content = `${index} `.padEnd(index % 50 === 49 ? 90_000 : (index * 37) % 3000, 'x')
      return index % 3 === 0 ? content : `+${content}`
    })
    for (const [index, text] of sent.entries()) {
      service.send(text)
      if (index % 20 === 0) await pause(1)
    }
    expect(await arrived(sent.length)).toEqual(sent)
  })

  test('a text that comes alone is taken, and ws never sees it', async () => {
    const { client, service, arrived } = await join(kind)
    const seen: string[] = []
    client.on('message', (data) => seen.push(textOf(data)))
    for (const [index, text] of ['+one', 'two', '+three'].entries()) {
      service.send(text)
      await arrived(index + 1)
    }
    expect(seen).toEqual(['two'])
  })

  test('what the server says at once is heard, also in the packet of its handshake', async () => {
    const { arrived } = await join(kind, (socket) => {
      for (const text of ['+a', 'b', '+c']) socket.send(text)
    })
    expect(await arrived(3)).toEqual(['+a', 'b', '+c'])
  })

  test('fragments, pings, binary messages and the close are as without it', async () => {
    const { client, service, arrived } = await join(kind)
    const pings: string[] = []
    client.on('ping', (carried) => pings.push(carried.toString()))
    service.send('+frag', { fin: false })
    service.ping('amid')
    service.send('ment')
    service.send(Buffer.from('+binary'), { binary: true })
    service.send('+last')
    expect(await arrived(3)).toEqual(['+fragment', '+binary', '+last'])
    expect(pings).toEqual(['amid'])
    const closed = once(client, 'close')
    service.close(4000, 'enough')
    const [code, reason] = await closed
    expect([code, String(reason)]).toEqual([4000, 'enough'])
  })
})

test('a text that is no UTF-8 ends the connection, as without it', async () => {
  const { client, service } = await join('ws:')
  const failed = once(client, 'error')
  const closed = once(service, 'close')
  service.send(Buffer.from([0xff, 0xfe]), { binary: false })
  expect(String((await failed)[0])).toContain('UTF-8')
  expect((await closed)[0]).toBe(1007)
})

test('a handshake that is refused is told as without it', async () => {
  const server = createHttpServer()
  server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno'))
  const port = await listen(server)
  const client = new WebSocket(`ws://127.0.0.1:${port}`, { ...plain, ...readPastAsClient(new Path(false, () => true)) })
  const [, response] = await once(client, 'unexpected-response')
  let body = ''
  for await (const chunk of response) body += String(chunk)
  expect([response.statusCode, body]).toEqual([403, 'no'])
})

test('as a server: what is taken and what ws reads come in the order in which it was sent', async () => {
  const server = createHttpServer()
  const port = await listen(server)
  const sockets = new WebSocketServer({ server, ...plain })
  const plus = '+'.charCodeAt(0)
  const came: string[] = []
  let taken = 0
  sockets.on('connection', (socket, request) => {
    const tcp: Socket = request.socket
    const path = new Path(true, (bytes, from, to) => {
      if (((bytes[from] ?? 0) ^ (bytes[from - 4] ?? 0)) !== plus) return false
      const text = readMaskedAscii(bytes, from, to)
      if (text === undefined) return false
      taken++
      came.push(text)
      return true
    })
    readPastAsServer(tcp, path)
    socket.on('message', (data) => came.push(textOf(data)))
  })
  const client = new WebSocket(`ws://127.0.0.1:${port}`, plain)
  await once(client, 'open')
  const sent = Array.from({ length: 400 }, (_, index) => {
    const content = `${index} `.padEnd(index % 50 === 49 ? 60_000 : (index * 37) % 3000, 'x')
    return index % 3 === 0 ? content : `+${content}${index % 2 === 0 ? '' : 'é'}`
  })
  for (const text of sent) client.send(text)
  while (came.length < sent.length) await pause(1)
  expect(came).toEqual(sent)
  expect(taken).toBeGreaterThan(0)
  const closed = once(client, 'close')
  client.close(1000, 'done')
  expect((await closed)[0]).toBe(1000)
})

test.each(['client', 'server'] as const)('as a %s: what comes in one read is passed on in one write', async (side) => {
  const left: string[] = []
  const onward = new Writable({
    write(chunk: Buffer, _encoding, done) {
      left.push(chunk.toString())
      done()
    },
    writev(chunks: readonly { chunk: Buffer }[], done) {
      left.push(Buffer.concat(chunks.map(({ chunk }) => chunk)).toString())
      done()
    },
  })
  const path = new Path(side === 'server', (bytes, from, to) => {
    const text = side === 'server' ? readMaskedAscii(bytes, from, to) : bytes.toString('latin1', from, to)
    return text !== undefined && writeBytes(onward, text)
  })
  const server = createHttpServer()
  const port = await listen(server)
  const sockets = new WebSocketServer({ server, ...plain })
  const served = new Promise<Socket>((resolve) =>
    sockets.on('connection', (_socket, { socket }) => {
      if (side === 'server') readPastAsServer(socket, path)
      resolve(socket)
    }),
  )
  let sender: Socket | undefined
  const options = side === 'client' ? readPastAsClient(path) : tellingSocket((tcp) => (sender = tcp))
  const client = new WebSocket(`ws://127.0.0.1:${port}`, { ...plain, ...options })
  onTestFinished(() => client.terminate())
  await once(client, 'open')
  const tcp = await served
  // The mask of nothing but zeros changes nothing.
  const head = side === 'server' ? '\x81\x81\0\0\0\0' : '\x81\x01'
  const to = sender ?? tcp
  to.write(['a', 'b', 'c'].map((text) => head + text).join(''), 'latin1')
  while (left.join('').length < 3) await pause(1)
  expect(left).toEqual(['abc'])
})
