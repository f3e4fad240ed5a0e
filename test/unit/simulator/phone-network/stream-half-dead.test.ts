import { expect, test } from 'vitest'
import { streaming } from './streaming.ts'

test('a frozen stream neither sends nor reads, and its connection stays open until the call ends', async () => {
  const { clock, network, phone, stream } = await streaming({ freezeStreamAfterMs: 1000 })
  let pongs = 0
  stream.socket.on('pong', () => pongs++)
  await clock.advance(2000)
  const frozenAt = stream.messages.length
  const received = network.calls[0]?.streams[0]?.messagesReceived
  stream.socket.ping()
  stream.mark('after')
  await clock.advance(10_000)
  expect(stream.messages.length).toBe(frozenAt)
  expect(network.calls[0]?.streams[0]?.messagesReceived).toBe(received)
  expect(pongs).toBe(0)
  expect(stream.closeCode).toBeUndefined()
  phone.hangUp()
  await clock.runUntil(phone.ended)
  await clock.advance(1000)
  expect(stream.of('stop')).toEqual([])
  expect(stream.closeCode).toBe(1006)
})

test('pings are answered, unless they are not to be', async () => {
  const { clock, network, stream } = await streaming()
  let pongs = 0
  stream.socket.on('pong', () => pongs++)
  stream.socket.ping()
  await clock.advance(100)
  network.behaviour.answerPings = false
  stream.socket.ping()
  await clock.advance(100)
  expect(pongs).toBe(1)
})
