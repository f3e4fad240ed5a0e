import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createSteppedClock } from '../../../src/simulator/clock.ts'
import { watchLoopback } from '../../../src/simulator/loopback.ts'
import { watchSocket } from '../../../src/simulator/watched-socket.ts'

const loopback = watchLoopback()

/** A connection inside this process, with both ends. */
async function connection(options: { pauseOnConnect?: boolean } = {}): Promise<{ client: Socket; server: Socket }> {
  const accepted = Promise.withResolvers<Socket>()
  const listener = createServer(options, accepted.resolve)
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const client = connect({ host: '127.0.0.1', port: (listener.address() as AddressInfo).port })
  const server = await accepted.promise
  await until(() => loopback.atRest(client))
  onTestFinished(async () => {
    client.destroy()
    server.destroy()
    await new Promise((resolve) => listener.close(resolve))
  })
  return { client, server }
}

/** Until it is so: the operating system delivers when it likes. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn()
}

test('a connection is at rest when the other end has read what was written, and not before', async () => {
  const { client, server } = await connection()
  expect([loopback.atRest(client), loopback.atRest(server)]).toEqual([true, true])
  server.resume()
  client.write('hello')
  expect([loopback.atRest(client), loopback.atRest(server)]).toEqual([false, false])
  await until(() => server.bytesRead === 5)
  expect(loopback.atRest(server)).toBe(true)
})

test('a connection of which one end is closed is at rest when the other end knows', async () => {
  const { client, server } = await connection()
  client.destroy()
  expect(loopback.atRest(server)).toBe(false)
  server.resume()
  await until(() => server.destroyed)
  expect(loopback.atRest(server)).toBe(true)
})

test('who is just connecting is told from the first moment, and forgotten when the other end is there', async () => {
  await connection()
  await until(() => loopback.nobodyConnects())
  const stray = connect({ host: '127.0.0.1', port: 1 }).on('error', () => {})
  expect(loopback.nobodyConnects()).toBe(false)
  await until(() => stray.destroyed)
  await until(() => loopback.nobodyConnects())
})

test('a closed world moves on only when what was written was read, however late that is', async () => {
  // Nothing is read from this end until it is told to.
  const { client, server } = await connection({ pauseOnConnect: true })
  const clock = createSteppedClock({ startMs: 0, closedWorld: true })
  watchSocket(clock, server)
  const arrivedAtMs: number[] = []
  server.on('data', () => arrivedAtMs.push(clock.now()))
  server.pause()
  clock.after(10, () => {
    client.write('x')
    // Longer than an open world waits for a sign of life.
    setTimeout(() => server.resume(), 4)
  })
  clock.after(11, () => {})
  await clock.advance(20)
  expect(arrivedAtMs).toEqual([10])
})

test('what nobody reads stops a closed world for a moment only', async () => {
  const { client, server } = await connection()
  const clock = createSteppedClock({ startMs: 0, closedWorld: true })
  watchSocket(clock, client)
  server.pause()
  client.write('x')
  await clock.advance(5)
  expect(clock.now()).toBe(5)
})
