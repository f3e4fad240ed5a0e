import { expect, test } from 'vitest'
import type { Flow } from '../../src/flows/flow.ts'
import { rememberSpoken, startWorld } from '../world.ts'

test('docs/calls.md: saying what is still being written', async () => {
  const flow: Flow = async (call) => {
    async function* tokens() {
      yield* ['Your parcel is on its', ' way. It wei', 'ghs 3', '.5 kg.']
    }
    const { heardText } = await call.say(tokens())
    await call.say(tokens(), { by: 'token' })
    if (heardText.endsWith('kg.')) await call.say('Goodbye.')
  }

  const text = 'Your parcel is on its way. It weighs 3.5 kg.'
  rememberSpoken(text)
  await using world = await startWorld()
  world.network.phone('+15551234567', { answer: { afterMs: 100 } })
  const outcome = await world.until(world.dial('+15551234567', '', {}, flow).outcome)
  expect(outcome).toMatchObject({ status: 'heard', heardText: `${text} ${text} Goodbye.` })
})

test('docs/calls.md: changing the voice', async () => {
  const bilingual: Flow = async (call) => {
    void call.say('One moment, please.')
    void call.voice({ language: 'de' })
    void call.say('Am 12. März kommen wir.')
    await call.voice()
    await call.say('Goodbye.')
  }

  await using world = await startWorld()
  world.network.phone('+15551234567', { answer: { afterMs: 100 } })
  const outcome = await world.until(world.dial('+15551234567', '', {}, bilingual).outcome)
  expect(outcome).toMatchObject({ status: 'heard' })
  expect(world.async.spoken.map((spoken) => spoken.transcript.trim()).toSorted()).toEqual([
    'Am 12. März kommen wir.',
    'Goodbye.',
    'One moment, please.',
  ])
})
