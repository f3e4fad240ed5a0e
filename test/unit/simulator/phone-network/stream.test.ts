import { expect, test } from 'vitest'
import { callee, setScene, sound } from './bridge.ts'

test('a call is created, answered, streamed, played and ended', async () => {
  const { bridge, clock, dial, network } = await setScene()
  const phone = network.phone(callee)
  const audio = sound(1000)
  bridge.onStart = (stream) => {
    stream.media(audio)
    stream.mark('end')
  }
  bridge.onMessage = (stream, message) => {
    if (message.event === 'mark') stream.socket.close()
  }
  await dial()
  await clock.runUntil(phone.ended)
  expect(network.faults).toEqual([])
  expect(Buffer.from(phone.heard)).toEqual(Buffer.from(audio))
  expect(network.calls[0]?.status).toBe('completed')
})

test('a minute of call with five marks takes few steps', async () => {
  const { bridge, clock, dial, network } = await setScene()
  const phone = network.phone(callee)
  bridge.onStart = (stream) => {
    for (let i = 0; i < 5; i++) {
      stream.media(sound(12_000, i))
      stream.mark(`m${i}`)
    }
  }
  bridge.onMessage = (stream, message) => {
    if (message.mark?.name === 'm4') stream.socket.close()
  }
  await dial()
  const began = performance.now()
  await clock.runUntil(phone.ended)
  expect(performance.now() - began).toBeLessThan(2000)
  expect(phone.heardMs).toBe(60_000)
  expect(bridge.streams[0]?.of('media').length).toBe(3000)
})
