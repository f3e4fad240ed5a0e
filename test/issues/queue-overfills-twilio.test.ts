import { expect, test } from 'vitest'
import { startWorld } from '../world.ts'

const to = '+15551230001'

test('however much is said at once, Twilio never gets more than it buffers, and all of it is heard', async () => {
  await using world = await startWorld({ async: { behaviour: { deliveryRate: Number.POSITIVE_INFINITY } } })
  const phone = world.network.phone(to)
  const call = world.dial(to, '', {}, async (line) => {
    for (let index = 1; index <= 300; index++) void line.say(`This is sentence number ${index} of three hundred.`)
  })
  const outcome = await world.until(call.outcome)
  await world.until(phone.ended)
  expect(world.network.faults).toEqual([])
  expect(outcome.status).toBe('heard')
  // Ten minutes is what Twilio buffers; this must be beyond it to prove anything.
  expect(outcome.heardMs).toBeGreaterThan(610_000)
  expect(phone.heardMs).toBe(outcome.heardMs)
})

test('a text that fails lets those behind it be spoken', async () => {
  await using world = await startWorld({
    async: { behaviour: { incidents: [{ at: 'transcript', nth: 1, what: { kind: 'stall' } }] } },
  })
  world.network.phone(to)
  const call = world.dial(to, '', {}, async (line) => {
    const long = line.say('This is one of very many sentences of a text that is never spoken. '.repeat(60))
    const short = line.say('But this is.')
    await expect(long).rejects.toMatchObject({ code: 'speech.stalled' })
    expect(await short).toMatchObject({ end: 'heard', heardText: 'But this is.' })
  })
  const outcome = await world.until(call.outcome)
  expect(outcome.error).toMatchObject({ code: 'speech.stalled' })
})
