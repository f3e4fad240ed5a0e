import { randomUUID } from 'node:crypto'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { startAsyncService } from '../../../../src/simulator/async/service.ts'
import { createSteppedClock } from '../../../../src/simulator/clock.ts'
import { ready, start } from './harness.ts'

test('after 60.0 s without a client message comes TIMEOUT without context_id, and the socket closes', async () => {
  const { clock, client, id } = await ready()
  client.say('Hello. ', id)
  await clock.advance(59_999)
  expect(client.errors()).toEqual([])
  await clock.advance(1)
  expect(client.frames.at(-1)).toEqual({
    error_code: 'TIMEOUT',
    message: 'Timeout: no message received in 60.0 seconds',
    request_id: 'unknown',
    extra: null,
  })
  expect(await clock.runUntil(client.closed)).toEqual({ code: 1000, reason: '' })
})

test('a socket that never says anything times out as well', async () => {
  const { clock, connect } = await start({ idleTimeoutMs: 5000 })
  const client = connect()
  await clock.runUntil(client.closed)
  expect(client.frames).toMatchObject([{ message: 'Timeout: no message received in 5.0 seconds' }])
})

test('a keepalive resets the idle time', async () => {
  const { clock, service, client } = await ready()
  for (let i = 0; i < 10; i++) {
    await clock.advance(30_000)
    client.send({ transcript: ' ' })
    await clock.advance(0)
  }
  expect(service.connections).toBe(1)
  expect(client.frames).toEqual([])
})

test('a ping is answered but does not reset the idle time, or as a switch it does', async () => {
  const { clock, service, client } = await ready()
  let pongs = 0
  client.socket.on('pong', () => pongs++)
  const pingThrough = async () => {
    for (let i = 0; i < 3; i++) {
      await clock.advance(25_000)
      client.socket.ping()
      await clock.advance(0)
    }
  }
  service.behaviour.pingResetsIdle = true
  await pingThrough()
  expect(pongs).toBe(3)
  expect(service.connections).toBe(1)
  service.behaviour.pingResetsIdle = false
  client.send({ transcript: ' ' })
  await pingThrough().catch(() => {})
  expect(client.errors()).toEqual(['TIMEOUT'])
  expect(service.connections).toBe(0)
})

test.each([[{ text: '' }], [{ terminate: true }]])('%j closes the connection and stops the speech', async (message) => {
  const { clock, client, id } = await ready()
  client.say('A sentence that is long enough. ', id)
  await clock.advance(160)
  client.send(message)
  await clock.runUntil(client.closed)
  await clock.advance(5000)
  expect(client.shape()).toBe('a')
})

test('dropAll ends every socket abruptly, or with a close frame', async () => {
  const { clock, service, client, connect } = await ready()
  const other = connect()
  await clock.runUntil(other.opened)
  service.dropAll()
  expect((await clock.runUntil(Promise.all([client.closed, other.closed]))).map((it) => it.code)).toEqual([1006, 1006])
  expect([service.connections, service.opened]).toEqual([0, 2])
  const third = connect()
  await clock.runUntil(third.opened)
  service.dropAll({ code: 1012, reason: 'restart' })
  expect(await clock.runUntil(third.closed)).toEqual({ code: 1012, reason: 'restart' })
})

test('close ends everything, leaves no timer behind, and may be called twice', async () => {
  const { clock, service, client, connect, id } = await ready()
  client.say('A sentence that is long enough. ', id)
  await clock.advance(160)
  service.behaviour.handshake = 'never'
  const waiting = connect()
  await clock.advance(0)
  service.behaviour.handshake = 'answer'
  service.behaviour.handshakeDelayMs = 1000
  const delayed = connect()
  await clock.advance(0)
  await Promise.all([service.close(), service.close()])
  await Promise.all([client.closed, waiting.closed, delayed.closed])
  expect(service.connections).toBe(0)
  await expect(fetch(service.url)).rejects.toThrow()
  // Nothing is pending: with a timer left, the complaint would be another.
  await expect(clock.runUntil(new Promise(() => {}), { realMs: 20, simulatedMs: 1 })).rejects.toThrow(
    'nothing is scheduled',
  )
})

test('a port that is taken is an error', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const address = taken.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  await expect(startAsyncService({ port })).rejects.toThrow('EADDRINUSE')
  await new Promise((resolve) => taken.close(resolve))
})

test('it runs on the real clock as well', async () => {
  const service = await startAsyncService({ behaviour: { firstAudioDelayMs: 1, deliveryRate: 100 } })
  try {
    const socket = new WebSocket(
      `${service.url.replace('http', 'ws')}/text_to_speech/websocket/ws?api_key=${service.apiKey}&version=v1`,
    )
    const final = new Promise<void>((resolve, reject) => {
      socket.addEventListener('error', () => reject(new Error('socket failed')))
      socket.addEventListener('message', ({ data }) => {
        if (JSON.parse(String(data)).final) resolve()
      })
    })
    await new Promise((resolve) => socket.addEventListener('open', resolve))
    const context_id = randomUUID()
    socket.send(JSON.stringify({ model_id: 'async_flash_v1.0', voice: { mode: 'id', id: service.voiceId } }))
    socket.send(JSON.stringify({ transcript: 'Hello. ', context_id, force: true }))
    socket.send(JSON.stringify({ transcript: '', context_id }))
    await final
    expect(service.spoken[0]?.audio).toHaveLength('Hello.'.length * 480)
  } finally {
    await service.close()
  }
})

test('a stepped clock is told of every byte, until the socket is gone', async () => {
  const probes = new Set<() => number>()
  const stepped = createSteppedClock(0)
  const clock = {
    ...stepped,
    watch: (probe: () => number) => {
      probes.add(probe)
      const unwatch = stepped.watch(probe)
      return () => {
        probes.delete(probe)
        unwatch()
      }
    },
  }
  const { client, service } = await ready({}, { clock })
  await stepped.advance(0)
  const bytes = () => [...probes].reduce((sum, probe) => sum + probe(), 0)
  const before = bytes()
  client.send({ transcript: ' ' })
  await stepped.advance(0)
  expect(bytes()).toBeGreaterThan(before)
  service.dropAll()
  await stepped.runUntil(client.closed)
  expect(probes.size).toBe(0)
})

test('what a client says after the service began to close is not taken in', async () => {
  const { client, clock, service, id } = await ready()
  client.send({ terminate: true })
  client.say('Too late. ', id)
  await clock.runUntil(client.closed)
  expect(service.received.map((message) => message.kind)).toEqual(['init', 'close-connection'])
  expect(service.spoken).toEqual([])
})
