import { expect, test } from 'vitest'
import { startWorld } from '../world.ts'

const sentences = ['First of all hello.', 'The second one is here.', 'A third one follows it.']

/** A service that had been given more text was taken to have finished the sentence in which it closed the connection. */
test('a sentence in which the service closes in order, with others unspoken, is not counted as heard whole', async () => {
  const incidents = [{ at: 'audio', nth: 3, connection: 1, what: { kind: 'close', code: 1000 } }] as const
  await using world = await startWorld({ async: { behaviour: { deliveryRate: 1, incidents } } })
  const phone = world.network.phone('+15551230001')
  const outcome = await world.until(world.dial('+15551230001', sentences.join(' ')).outcome)
  await world.until(phone.ended)
  expect(outcome).toMatchObject({ reason: 'said-by-twilio', error: { code: 'speech.lost' } })
  for (const sentence of sentences) expect(phone.said.join(' ')).toContain(sentence)
})
