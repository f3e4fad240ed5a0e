import { expect, test } from 'vitest'
import type { SpeechProvider } from '../../src/speech/provider.ts'
import { startWorld } from '../world.ts'

const second = Buffer.alloc(8000, 1).toString('base64')

/** Goes on after it has ended, as no provider should. */
const talkative: SpeechProvider = {
  name: 'talkative',
  capabilities: { languages: undefined, markup: true },
  open: () => ({
    ready: Promise.resolve(),
    speak: (sink) => ({
      push: () => {},
      end() {
        sink.audio(second, 8000)
        sink.ended({ kind: 'done' })
        sink.audio(second, 8000)
        sink.ended({ kind: 'cancelled' })
      },
      cancel: () => {},
    }),
    close: async () => {},
  }),
}

test('the first end of an utterance is its end', async () => {
  await using world = await startWorld({ speech: talkative })
  const phone = world.network.phone('+15551230001')
  const outcome = await world.until(world.dial('+15551230001', 'Once.').outcome)
  await world.until(phone.ended)
  expect(outcome).toMatchObject({ status: 'heard', heardMs: 1000, sentMs: 1000, error: null })
  expect(phone.heardMs).toBe(1000)
})
