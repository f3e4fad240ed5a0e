import { expect, test } from 'vitest'
import { startWorld } from '../world.ts'

const to = '+15551230001'

test('a call that is over is not answered any more, and its last event is its end', async () => {
  await using world = await startWorld()
  world.network.phone(to, { answer: { afterMs: 60_000 } })
  const call = world.dial(to, 'Never mind.', { detectVoicemail: true })
  while (call.callSid === undefined) await world.clock.advance(20)
  call.end('cancelled')
  call.status('ringing')
  call.status('in-progress')
  call.answeredBy('machine_start')
  call.key('1')
  const outcome = await world.until(call.outcome)
  expect(outcome).toMatchObject({ status: 'canceled', answeredAt: null })
  expect(call.events.at(-1)?.type).toBe('ended')
})

test('a verdict on who answered that comes twice is told once', async () => {
  await using world = await startWorld()
  world.network.phone(to, { answer: { afterMs: 60_000 } })
  const call = world.dial(to, 'Hello.')
  call.answeredBy('machine_start')
  call.answeredBy('machine_start')
  expect(call.events.filter((event) => event.type === 'voicemail')).toHaveLength(1)
})
