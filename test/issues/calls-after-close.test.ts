import { expect, test } from 'vitest'
import type { NetworkBehaviour } from '../../src/simulator/phone-network/behaviour.ts'
import { secrets, startWorld } from '../world.ts'

const to = '+15551230001'

test('once the server closes nobody is dialled, and the one who asks is told', async () => {
  await using world = await startWorld()
  world.network.phone(to)
  const closing = world.app.close()
  expect(() => world.dial(to, 'Too late.')).toThrow('stopping')
  await world.until(closing)
  expect(() => world.dial(to, 'Far too late.')).toThrow('stopping')
  expect(world.network.calls).toEqual([])
  expect(world.app.calls()).toEqual([])
})

test('who calls in while the server closes hears a sentence from Twilio, and closing does not wait for them', async () => {
  // A call whose end Twilio does not confirm keeps the server closing for some seconds.
  const rest: NetworkBehaviour['rest'] = ({ path }) =>
    path.endsWith('/Calls.json') ? { kind: 'normal' } : { kind: 'status', status: 500, body: 'json', processed: false }
  await using world = await startWorld({ network: { behaviour: { rest, statusCallbackLoss: 'all' } } })
  world.network.phone(to, { answer: { afterMs: 60_000 } })
  const ringing = world.dial(to, 'Ringing.')
  while (ringing.callSid === undefined) await world.clock.advance(50)
  const closing = world.app.close()
  const voiceUrl = `${world.publicUrl}/twilio/voice`
  const caller = world.network.dialIn({ from: '+15551230009', to: secrets.from, voiceUrl })
  await world.until(caller.ended)
  expect(caller.said).toEqual([world.config.DRAIN_SENTENCE])
  await world.until(closing)
  expect(world.app.calls()).toEqual([])
})
