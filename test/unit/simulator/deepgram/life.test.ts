import { once } from 'node:events'
import { expect, test } from 'vitest'
import { startDeepgramService } from '../../../../src/simulator/deepgram/service.ts'
import { ready, start } from './harness.ts'

test('a client that is silent for the idle time loses its socket: 1011 NET-0001', async () => {
  const { clock, client, service } = await ready({ idleTimeoutMs: 30_000 })
  await clock.advance(29_999)
  client.clear()
  await clock.advance(29_999)
  expect(service.connections).toBe(1)
  expect(await clock.runUntil(client.closed)).toEqual({ code: 1011, reason: 'NET-0001' })
})

test('a ping is answered but is no message; as a switch it is', async () => {
  const { clock, client, service } = await ready({ idleTimeoutMs: 30_000, pingResetsIdle: true })
  let pongs = 0
  client.socket.on('pong', () => pongs++)
  for (let i = 0; i < 3; i++) {
    await clock.advance(25_000)
    client.socket.ping()
    await clock.advance(0)
  }
  expect([pongs, service.connections]).toEqual([3, 1])
  service.behaviour.pingResetsIdle = false
  client.clear()
  await clock.advance(25_000)
  client.socket.ping()
  const beforeMs = clock.now()
  expect(await clock.runUntil(client.closed)).toEqual({ code: 1011, reason: 'NET-0001' })
  expect([pongs, clock.now() - beforeMs]).toEqual([4, 5000])
})

test('after 60 minutes comes 1011 NET-0003, however busy the socket is', async () => {
  const { clock, client, service } = await ready({ idleTimeoutMs: Number.POSITIVE_INFINITY })
  await clock.advance(3_599_000)
  client.say('Still here. ')
  await clock.advance(900)
  expect(service.connections).toBe(1)
  expect(await clock.runUntil(client.closed)).toEqual({ code: 1011, reason: 'NET-0003' })
})

test('Close ends the socket at once with 1000, and what was not spoken is lost', async () => {
  const { clock, client, service } = await ready({ deliveryRate: 1 })
  client.say('A sentence that is long enough. And more')
  await clock.advance(160)
  client.close()
  expect(await clock.runUntil(client.closed)).toEqual({ code: 1000, reason: '' })
  await clock.advance(5000)
  expect(client.audio().length).toBeLessThan(8000)
  expect(service.spoken).toHaveLength(1)
})

test('as a switch, Close first speaks everything that came before it, and nothing after it', async () => {
  const { clock, client, service } = await ready({ closeMessage: 'finishing' })
  client.say('One sentence. And a rest')
  client.close()
  client.say('Too late. ')
  client.flush()
  expect(await clock.runUntil(client.closed)).toEqual({ code: 1000, reason: '' })
  expect(service.spoken.map((it) => it.text)).toEqual(['One sentence.', 'And a rest'])
  expect(client.shape()).toBe('Ma')
  expect(service.received.map((it) => it.verdict)).toEqual(['ok', 'ok', 'after-close', 'after-close'])
})

test('dropAll ends every socket abruptly, or with a close frame', async () => {
  const { clock, client, connect, service } = await ready()
  const other = connect()
  await clock.runUntil(other.opened)
  service.dropAll()
  expect((await clock.runUntil(Promise.all([client.closed, other.closed]))).map((it) => it.code)).toEqual([1006, 1006])
  const third = connect()
  await clock.runUntil(third.opened)
  service.dropAll({ code: 1012, reason: 'restart' })
  expect(await clock.runUntil(third.closed)).toEqual({ code: 1012, reason: 'restart' })
  await clock.advance(0)
  expect([service.connections, service.opened]).toEqual([0, 3])
})

test('closing the service ends what is open, twice as well as once', async () => {
  const { clock, client, service } = await ready()
  client.say('Nobody hears the end of this. ')
  await clock.advance(200)
  await Promise.all([service.close(), service.close()])
  await clock.runUntil(client.closed)
  await expect(fetch(service.url)).rejects.toThrow()
})

test('a port that is taken is told', async () => {
  const { service } = await start()
  const port = Number(new URL(service.url).port)
  await expect(startDeepgramService({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

test('the voice is stopped when the socket goes', async () => {
  let aborted = false
  const { clock, client } = await ready(
    { deliveryRate: 1 },
    {
      voice: async function* (_text, { signal }) {
        signal.addEventListener('abort', () => (aborted = true))
        for (;;) yield new Uint8Array(800).fill(0x20)
      },
    },
  )
  client.say('Endless. ')
  await clock.advance(1150)
  expect(client.audio().length).toBeGreaterThan(4000)
  client.socket.terminate()
  await clock.advance(1000)
  expect(aborted).toBe(true)
})

test('a voice that fails is 1011 NET-0000', async () => {
  const { clock, client } = await ready(
    {},
    {
      voice: () => ({
        [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('no voice today')) }),
      }),
    },
  )
  client.say('Hello. ')
  expect(await clock.runUntil(client.closed)).toEqual({ code: 1011, reason: 'NET-0000' })
})

test('a client may close by itself', async () => {
  const { clock, client, service } = await ready()
  client.socket.close(1000)
  await clock.runUntil(once(client.socket, 'close'))
  await clock.advance(0)
  expect(service.connections).toBe(0)
})
