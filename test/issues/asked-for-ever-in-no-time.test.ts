import { expect, test } from 'vitest'
import type { Flow } from '../../src/flows/flow.ts'
import { testCall } from '../../src/simulator/test-call.ts'

/** A server without a recognizer stood still, with all its calls: no time passed between one question and the next. */
test('a flow that asks for words for ever, where nobody can hear them, ends its own call', async () => {
  let asked = 0
  const flow: Flow = async (call) => {
    for (;;) {
      await call.gather({ say: 'Which day?', speech: ['Monday'] })
      if (++asked > 1000) throw new Error('asked for ever')
    }
  }
  await using phone = await testCall(flow, { settings: { HEARING_PROVIDER: 'none' } })
  expect(await phone.outcome).toMatchObject({ reason: 'idle' })
  expect(asked).toBeLessThan(25)
})
