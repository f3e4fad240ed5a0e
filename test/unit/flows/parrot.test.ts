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

  test('a key stops it at any time, also in the middle of what it says', async () => {
    await using early = await testCall(parrot)
    await early.hears('Say something')
    early.press('1')
    await early.hears('Goodbye.')
    expect(early.transcript).not.toContain('has heard nothing')
    await using late = await testCall(parrot)
    await late.hears('press any key.')
    late.says('one two three four five six seven eight nine ten eleven twelve')
    await late.waits(6_000)
    late.press('1')
    await late.hears('Goodbye.')
    expect(late.transcript).toContain('hears the beginning of "one two')
  })

  test('where nothing can be heard it says so, and invites nobody to speak', async () => {
    await using none = await testCall(parrot, { settings: { HEARING_PROVIDER: 'none' } })
    await none.hears('I cannot hear anything at the moment. Goodbye.')
    expect(none.transcript).not.toContain('Say something')
    await using dead = await testCall(parrot)
    await dead.hears('press any key.')
    dead.deafens()
    await dead.hears('I cannot hear anything at the moment. Goodbye.')
  })

  test('who says nothing hears a goodbye', async () => {
    await using phone = await testCall(parrot)
    await phone.hears('any key. Goodbye.')
  })
})
