import { describe, expect, test } from 'vitest'
import { talkUnlessMachine } from '../../../src/flows/unless-machine.ts'
import { testCall } from '../../../src/simulator/test-call.ts'

describe('talking as to a person', () => {
  test('what the talk throws is told by the outcome, and is no end of a talk that went well', async () => {
    await using phone = await testCall((call) =>
      talkUnlessMachine(call, async () => {
        throw new Error('odd')
      }),
    )
    expect(await phone.outcome).toMatchObject({ reason: 'flow-failed', error: { code: 'flow.failed' } })
  })
})
