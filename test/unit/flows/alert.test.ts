import { describe, expect, test } from 'vitest'
import { alert } from '../../../src/flows/alert.ts'
import { testCall } from '../../../src/simulator/test-call.ts'

const parameters = { message: 'The cellar is under water.' }

describe('alert', () => {
  test('whoever presses 1, also in the middle of the text, has acknowledged it', async () => {
    await using phone = await testCall(alert, { parameters })
    await phone.hears('under water')
    phone.press('1')
    await phone.hears('It is yours now')
    expect(await phone.outcome).toMatchObject({ reason: 'completed', keys: '1' })
  })

  test('whoever presses 2, or anything else three times, or nothing, has not', async () => {
    for (const keys of ['2', '999', '']) {
      await using phone = await testCall(alert, { parameters })
      for (const key of keys) {
        await phone.hears('under water')
        phone.press(key)
      }
      await phone.hears('It is not acknowledged')
      expect(await phone.outcome).toMatchObject({ reason: 'completed', keys })
    }
  })

  test('a key that means nothing is explained, and the message said again', async () => {
    await using phone = await testCall(alert, { parameters })
    await phone.hears('to somebody else, press 2.')
    phone.press('7')
    await phone.hears('Please press 1 or 2. Alert. The cellar is under water.')
  })
})
