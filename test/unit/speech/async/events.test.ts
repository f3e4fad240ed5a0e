import { expect, test } from 'vitest'
import { connectionLost, handshakeError, unreachable } from '../../../../src/speech/async/errors.ts'
import type { SpeechEvent } from '../../../../src/speech/provider.ts'
import { audioMs, lose, stage } from './line-fake.ts'

async function eventful(open = true) {
  const events: SpeechEvent[] = []
  const on = await stage({ open, events: (event) => void events.push(event) })
  const told = () =>
    events.map((event) => [event.type, 'error' in event ? event.error?.code : undefined].filter(Boolean).join(' '))
  return { ...on, events, told }
}

test('a connection is told when it is accepted, as far as can be told, and when we close it', async () => {
  const { clock, session, events, told } = await eventful()
  expect(told()).toEqual([])
  await clock.advance(150)
  expect(events).toEqual([{ type: 'connected', provider: 'async' }])
  await session.close()
  await session.close()
  await clock.advance(60_000)
  expect(events.slice(1)).toEqual([{ type: 'disconnected', provider: 'async', error: undefined }])
})

test('each connection that could not be made is told, and so is a refused one', async () => {
  const { clock, line, told } = await eventful(false)
  lose(line(), unreachable('ECONNREFUSED'))
  await clock.advance(250)
  lose(line(), handshakeError(401))
  await clock.advance(60_000)
  expect(told()).toEqual(['connection-error speech.unavailable', 'connection-error speech.refused'])
})

test('a refusal in a frame right after the handshake is a connection that could not be made', async () => {
  const { line, told } = await eventful()
  line().say({ error_code: 'INVALID_API_KEY', message: 'm' })
  expect(told()).toEqual(['connection-error speech.refused'])
})

test('a connection that is lost is told with its error, and the next one as connected', async () => {
  const { clock, line, told } = await eventful()
  await clock.advance(6000)
  lose(line(), connectionLost({ closeCode: 1006 }), 1006)
  await clock.advance(0)
  line().events.opened()
  await clock.advance(150)
  line().say({ error_code: 'TIMEOUT', message: 'm' })
  expect(told()).toEqual(['connected', 'disconnected speech.lost', 'connected', 'disconnected speech.lost'])
})

test('a connection that is refused amid its life was lost by that error', async () => {
  const { clock, line, told } = await eventful()
  await clock.advance(1000)
  line().say({ error_code: 'USAGE_LIMIT_EXCEEDED', message: 'm' })
  expect(told()).toEqual(['connected', 'disconnected speech.refused'])
})

test('a connection that we leave for another is closed without an error', async () => {
  const { clock, line, speak, told } = await eventful()
  const first = speak('One two three.')
  line().say({ audio: audioMs(20), final: false })
  first.input.cancel()
  line().events.opened()
  await clock.advance(150)
  expect(told()).toEqual(['connected', 'disconnected', 'connected'])
})

test('a session closed before its connection was made tells nothing', async () => {
  const { clock, session, told } = await eventful(false)
  await session.close()
  await clock.advance(60_000)
  expect(told()).toEqual([])
})
