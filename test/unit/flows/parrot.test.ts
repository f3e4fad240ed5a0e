import { describe, expect, test } from 'vitest'
import { parrot } from '../../../src/flows/parrot.ts'
import { testCall } from '../../../src/simulator/test-call.ts'

describe('parrot', () => {
  test('says back what it hears, one after the other, until a key is pressed', async () => {
    await using phone = await testCall(parrot)
    await phone.hears('press any key.')
    for (const words of ['polly wants a cracker', 'and another one']) {
      phone.says(words)
      await phone.hears(words)
    }
    phone.press('5')
    await phone.hears('Goodbye.')
    expect(await phone.outcome).toMatchObject({ reason: 'completed', keys: '5' })
  })

  test('who says nothing hears a goodbye', async () => {
    await using phone = await testCall(parrot)
    await phone.hears('any key. Goodbye.')
  })
})
