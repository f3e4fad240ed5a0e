import { afterEach, expect, test } from 'vitest'
import { createSteppedClock } from '../../../../src/simulator/clock.ts'
import { type Connection, openConnection } from '../../../../src/speech/async/connection.ts'
import { type RawService, startRawService } from '../../wire/raw-service.ts'

let service: RawService | undefined
afterEach(() => service?.close())

async function connected(
  react: Parameters<typeof startRawService>[1],
  onFrame: (connection: Connection) => void = () => {},
) {
  const clock = createSteppedClock()
  const kinds: string[] = []
  const handledMs: number[] = []
  let losses = 0
  service = await startRawService(clock, react)
  const socketUrl = service.url.replace('http', 'ws')
  const connection = openConnection({ socketUrl, init: 'init', forwarded: (ms) => handledMs.push(ms) }, clock, {
    opened: () => void kinds.push('opened'),
    frame(frame) {
      kinds.push(frame.kind)
      onFrame(connection)
    },
    lost: () => losses++,
    keepalive: () => 'keepalive',
  })
  return { clock, service, connection, kinds, handledMs, losses: () => losses }
}

test('nothing is reported after a drop, also of frames that came together', async () => {
  const { clock, kinds, losses } = await connected(
    { open: (socket) => ['{}', '{}', '{}'].forEach((frame) => socket.send(frame)) },
    (connection) => connection.drop(),
  )
  await clock.advance(60_000)
  expect(kinds).toEqual(['opened', 'unknown'])
  expect(losses()).toBe(0)
})

test('binary frames are unknown, broken JSON is malformed, and neither ends the connection', async () => {
  const { clock, connection, kinds, losses } = await connected({
    open(socket) {
      socket.send(Buffer.from('{"audio":"AAAA"}'))
      socket.send('{"audio":"AAAA')
      socket.send('{"audio":"AAAA"}')
    },
  })
  await clock.advance(1000)
  expect(kinds).toEqual(['opened', 'unknown', 'malformed', 'audio'])
  expect(losses()).toBe(0)
  await clock.runUntil(connection.close())
  expect(losses()).toBe(0)
})

test('the init is the first message, and a keepalive follows 15 s of silence', async () => {
  const { clock, service, connection } = await connected({})
  await clock.advance(16_000)
  expect(service.messages).toEqual(['init', 'keepalive'])
  connection.send('text')
  await clock.advance(14_000)
  expect(service.messages).toEqual(['init', 'keepalive', 'text'])
  await clock.runUntil(connection.close())
})

test('what is sent on a connection that is gone is lost without an error', async () => {
  const { clock, service, connection } = await connected({})
  connection.send('too early')
  await clock.advance(100)
  connection.drop()
  connection.send('too late')
  await clock.advance(100)
  await clock.runUntil(connection.close())
  expect(service.messages).toEqual(['init'])
})

test('of every eighth message it is told how long it took, however it was read', async () => {
  const { clock, connection, kinds, handledMs } = await connected({
    open(socket) {
      for (let message = 0; message < 20; message++)
        socket.send(message % 2 === 0 ? '{"audio":"QUJD","final":false}' : '{"event":"other"}')
    },
  })
  await clock.advance(1000)
  expect(kinds.filter((kind) => kind === 'audio')).toHaveLength(10)
  expect(handledMs).toEqual([0, 0])
  await clock.runUntil(connection.close())
})
