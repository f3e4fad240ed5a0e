import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { type RawData, type ServerOptions, WebSocket, WebSocketServer } from 'ws'
import type { Bridge } from '../../scripts/bench/bridge.ts'
import { noTroubles, type Troubles } from '../../scripts/bench/faults.ts'
import { startGenerator } from '../../scripts/bench/generator.ts'
import { openSession } from '../../scripts/bench/session.ts'
import { createVoice } from '../../scripts/bench/sound.ts'
import { openSocket } from '../../scripts/bench/wire/handshake.ts'

type Send = (frame: string) => void

/** A relay whose frames go through a hand that may do something to them. @returns what the phones found wrong */
async function troublesOf(handOf: (send: Send) => Send, calls = 1): Promise<Troubles> {
  const generator = await startGenerator(200)
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  onTestFinished(async () => {
    server.close()
    await generator.close()
  })
  server.on('connection', (phone) => {
    const hand = handOf((frame) => phone.send(frame))
    let speech: WebSocket | undefined
    phone.on('message', (data: RawData) => {
      const { event, streamSid } = read(data)
      if (event !== 'start') return
      const own = new WebSocket(`${generator.url.replace('http', 'ws')}/text_to_speech/websocket/ws`)
      speech = own
      own.on('open', () => {
        own.send(JSON.stringify({ transcript: 'Hello. ', context_id: 'c' }))
        own.send(JSON.stringify({ transcript: '', context_id: 'c' }))
      })
      own.on('message', (chunk: RawData) => {
        const { audio = '' } = read(chunk)
        if (audio !== '') hand(JSON.stringify({ event: 'media', streamSid, media: { payload: audio } }))
      })
    })
    phone.on('close', () => speech?.close())
  })
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const unasked = () => Promise.reject(new Error('nobody asks for it'))
  const bridge: Bridge = { kind: 'floor', port, begin: unasked, end: unasked, memory: unasked, stop: unasked }
  const session = await openSession(
    generator,
    bridge,
    { pace: 'instant', voice: createVoice(20) },
    { calls, atOnce: calls, firstSoundWithinMs: 300 },
  )
  return session.close()
}

function read(data: RawData) {
  return JSON.parse(Buffer.isBuffer(data) ? data.toString() : '') as {
    event?: string
    streamSid?: string
    audio?: string
  }
}

test('a relay that does nothing wrong is found to do nothing wrong', async () => {
  expect(await troublesOf((send) => send, 3)).toEqual(noTroubles())
})

test('a relay that loses a frame is found out', async () => {
  let count = 0
  const losing = (send: Send) => (frame: string) => void (++count === 3 || send(frame))
  expect(await troublesOf(losing)).toEqual({ ...noTroubles(), lost: 1 })
})

test('a relay that swaps two frames is found out', async () => {
  let kept: string | undefined
  let count = 0
  const swapping = (send: Send) => (frame: string) => {
    if (++count === 2) kept = frame
    else send(frame)
    if (count === 3 && kept !== undefined) send(kept)
  }
  expect(await troublesOf(swapping)).toEqual({ ...noTroubles(), lost: 1, repeated: 1 })
})

test('a relay that changes one character of the sound is found out', async () => {
  let count = 0
  const changing = (send: Send) => (frame: string) => {
    const at = frame.lastIndexOf('"}}') - 50
    const other = frame[at] === 'A' ? 'B' : 'A'
    send(++count === 3 ? frame.slice(0, at) + other + frame.slice(at + 1) : frame)
  }
  const { corrupt, broken } = await troublesOf(changing)
  expect([corrupt, broken]).toEqual([1, 0])
})

test('a relay that says it in another form of JSON does nothing wrong', async () => {
  const spaced = (send: Send) => (frame: string) => send(frame.replace(',"media":', ', "media": '))
  expect(await troublesOf(spaced)).toEqual(noTroubles())
})

test('a relay that mixes up two calls is found out', async () => {
  const hands: Send[] = []
  const mixing = (send: Send) => {
    hands.push(send)
    let count = 0
    return (frame: string) => (++count === 3 ? (hands[0] === send ? hands[1] : hands[0]) : send)?.(frame)
  }
  const { broken, lost } = await troublesOf(mixing, 2)
  expect([broken > 0, lost > 0]).toEqual([true, true])
})

test('a relay that never says anything is found out', async () => {
  let count = 0
  const mute = () => () => void count++
  const { unheard } = await troublesOf(mute)
  expect(unheard).toBe(count)
  expect(count).toBeGreaterThan(5)
})

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
