import { expect, test } from 'vitest'
import type { RestAnswer } from '../../src/simulator/phone-network/rest/answer.ts'
import { startWorld } from '../world.ts'

test('a call that is cancelled before Twilio confirms it, and perhaps rings all the same, is told of', async () => {
  const silent: RestAnswer = { kind: 'no-answer', processed: true }
  const broken: RestAnswer = { kind: 'status', status: 500, body: 'json', processed: false }
  const rest = ({ method }: { readonly method: string }) => (method === 'POST' ? silent : broken)
  const behaviour = { rest, statusCallbackLoss: 'all', streamOpening: 'never' } as const
  await using world = await startWorld({ network: { behaviour }, restTimeoutMs: 100 })
  world.network.phone('+15551230001', { answer: { afterMs: 60_000 } })
  const call = world.dial('+15551230001', 'Never mind.')
  await world.clock.advance(10)
  call.end('cancelled')
  // The client's time-out runs in the machine's time; until then simulated time stands.
  setTimeout(world.clock.hold(), 400)
  expect(await world.until(call.outcome)).toMatchObject({ status: 'canceled', reason: 'cancelled' })
  expect(call.events.at(-1)).toMatchObject({ type: 'trouble', error: { code: 'twilio.create-unknown' } })
})
