import { expect, test } from 'vitest'
import type { Flow } from '../../src/flows/flow.ts'
import { testCall } from '../../src/simulator/test-call.ts'

// A callee who spoke for longer than IDLE_TIMEOUT_MS was hung up on in the middle of it: only keys and what we said counted.
const story = Array.from({ length: 60 }, (_, number) => `word${number}`).join(' ')
const settings = { IDLE_TIMEOUT_MS: '10000' }

test.each<[string, Flow]>([
  ['answers a question', async (call) => void (await call.gather({ say: 'Tell me.', speech: true }))],
  [
    'is listened to',
    async (call) => {
      call.on('speech', () => {})
      await call.say('Tell me.')
      await call.pause(25_000)
    },
  ],
])('who %s by a long story is not idle meanwhile', async (_what, flow) => {
  await using phone = await testCall(
    async (call) => {
      await flow(call)
      await call.say('Thank you.')
    },
    { settings },
  )
  await phone.hears('Tell me.')
  phone.says(story)
  await phone.hears('Thank you.')
  expect(await phone.outcome).toMatchObject({ reason: 'completed' })
})

test('who is silent is idle, however much is listened for', async () => {
  await using phone = await testCall(
    async (call) => {
      call.on('speech', () => {})
      await call.pause(25_000)
    },
    { settings },
  )
  await phone.waits(500)
  phone.says('just this')
  expect(await phone.outcome).toMatchObject({ reason: 'idle' })
})
