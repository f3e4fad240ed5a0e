import { expect, test } from 'vitest'
import type { Flow } from '../../src/flows/flow.ts'
import { handRecognizer } from '../hand-recognizer.ts'
import { rememberSpoken, startWorld } from '../world.ts'

test('docs/calls.md: asking', async () => {
  const confirm: Flow = async (call) => {
    const { digits, speech } = await call.gather({
      say: 'Press 1 or say keep to keep your appointment, press 2 or say move to move it.',
      choices: ['1', '2'],
      speech: ['keep', 'move'],
      digits: 1,
      again: { nothing: 'I heard nothing. Keep it, or move it?', nonsense: 'Please say keep or move.' },
    })
    if (digits === '2' || speech === 'move') await call.say('Somebody will call you.')
    else await call.say('See you then.')
  }

  rememberSpoken('Press 1 or say keep to keep your appointment')
  const hand = handRecognizer()
  await using world = await startWorld({ recognizer: hand.recognizer })
  const phone = world.network.phone('+15551234567', { steps: [{ afterHeardMs: 1_000, press: '7' }] })
  phone.on(({ type }) => {
    // Half a second into the second prompt.
    if (type === 'clear') world.clock.after(1_500, () => hand.says('Could you move it?'))
  })
  const outcome = await world.until(world.dial('+15551234567', '', {}, confirm).outcome)
  expect(world.async.spoken.map(({ transcript }) => transcript.trim()).slice(1)).toEqual([
    'Please say keep or move.',
    'Somebody will call you.',
  ])
  expect(outcome).toMatchObject({ reason: 'completed', keys: '7' })
})
