import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import type { Bridge } from '../../scripts/bench/bridge.ts'
import { noTroubles, type Troubles } from '../../scripts/bench/faults.ts'
import { startGenerator } from '../../scripts/bench/generator.ts'
import { openSession } from '../../scripts/bench/session.ts'
import { createVoice } from '../../scripts/bench/sound.ts'

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
