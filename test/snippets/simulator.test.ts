import twilio from 'twilio'
import { expect, test } from 'vitest'
import { startAsyncService } from '../../src/simulator/async/service.ts'
import { createSteppedClock } from '../../src/simulator/clock.ts'
import { startDeepgramService } from '../../src/simulator/deepgram/service.ts'
import { startPhoneNetwork } from '../../src/simulator/phone-network/network.ts'

test('docs/simulator.md: the phone network', async () => {
  const clock = createSteppedClock() // leave it out for real time
  const network = await startPhoneNetwork({ clock })
  const phone = network.phone('+14155550100', { answer: { afterMs: 2000 }, hangUp: { afterHeardMs: 5000 } })

  // Point the product, or the official client, at it:
  const client = twilio(network.account.sid, network.account.authToken)
  client.api.baseUrl = network.url // or TWILIO_API_URL=http://127.0.0.1:…
  const [from = ''] = network.account.numbers
  const twiml = '<Response><Pause length="3"/></Response>'
  await clock.runUntil(client.calls.create({ to: phone.number, from, twiml }))

  await clock.runUntil(phone.ended)
  const played = phone.heard // the very bytes that were played
  const status = network.calls[0]?.status // 'completed'
  const faults = network.faults // [] when nothing was wrong
  await network.close()

  expect([played.length, status, faults]).toEqual([0, 'completed', []])
})

test('docs/simulator-async.md: the Async service', async () => {
  const service = await startAsyncService({ behaviour: { closeContext: 'emptying', chunks: { kind: 'odd' } } })
  // ASYNC_URL=service.url  ASYNC_API_KEY=service.apiKey  ASYNC_VOICE_ID=service.voiceId
  service.behaviour.final = 'missing' // any time; counts from the next use
  service.strike({ kind: 'frame', frame: 'malformed-json' }) // now, on every open socket
  service.dropAll() // TCP gone, no close frame
  await service.close()

  expect(service.behaviour).toMatchObject({ final: 'missing', closeContext: 'emptying' })
  expect(service.connections).toBe(0)
})

test('docs/simulator-deepgram.md: Deepgram', async () => {
  const service = await startDeepgramService({ behaviour: { cleared: 'early', chunks: { kind: 'odd' } } })
  // DEEPGRAM_URL=service.url  DEEPGRAM_API_KEY=service.apiKey
  service.behaviour.flushed = 'missing' // any time; counts from the next use
  service.strike({ kind: 'fatal', code: 'NET-0000' }) // now, on every open socket
  service.dropAll() // TCP gone, no close frame
  await service.close()

  expect(service.behaviour).toMatchObject({ flushed: 'missing', cleared: 'early' })
  expect(service.connections).toBe(0)
})
