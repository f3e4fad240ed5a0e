import { describe, expect, test } from 'vitest'
import { record } from '../../../contract/speech-recorder.ts'
import { failed, heard, kinds, rest, stage } from './stage.ts'

describe('a text that several say', () => {
  test('is rendered once: who comes later hears it from its start, as it is made', async () => {
    const { open, said, at } = stage()
    const calls = [open(), open()]
    const [first] = calls[0]?.say('Hello.') ?? []
    await rest()
    at('Hello.').sound('He')
    const [second] = calls[1]?.say('Hello.') ?? []
    await rest()
    expect([heard(first), heard(second)]).toEqual(['He', 'He'])
    at('Hello.').sound('llo')
    expect([heard(first), heard(second)]).toEqual(['Hello', 'Hello'])
    at('Hello.').end()
    const third = open()
    const [last] = third.say('Hello.')
    await rest()
    expect(kinds([first, second, last].filter((one) => one !== undefined))).toEqual(['done', 'done', 'done'])
    expect(heard(last)).toBe('Hello')
    expect(last?.chunks).toBe(2)
    expect([...calls, third].map((call) => call.results())).toEqual([['miss'], ['shared'], ['hit']])
    expect(said).toHaveLength(1)
    for (const recording of [first, second, last]) expect(recording?.breaches).toEqual([])
  })

  test('fails for all of them with the same error, and is tried anew by the next one', async () => {
    const { open, at, said } = stage()
    const spoken = [open(), open(), open()].flatMap((call) => call.say('Hello.'))
    await rest()
    at('Hello.').sound('He')
    const end = failed()
    at('Hello.').end(end)
    expect(spoken.map(({ ends }) => ends)).toEqual([[end], [end], [end]])
    open().say('Hello.')
    await rest()
    expect(said).toHaveLength(2)
  })

  test('goes on when the one who began it cancels or closes, and is given up when nobody wants it', async () => {
    const { open, at, sessions } = stage()
    const [one, two, three] = [open(), open(), open()]
    const [first] = one.say('Hello.')
    const [second] = two.say('Hello.')
    const [third] = three.say('Hello.')
    await rest()
    first?.input.cancel()
    await one.session.close()
    at('Hello.').sound('Hello')
    expect(heard(second)).toBe('Hello')
    expect(sessions[0]?.open).toBe(true)
    second?.input.cancel()
    expect(at('Hello.').over).toBeUndefined()
    third?.input.cancel()
    expect(at('Hello.').over).toEqual({ kind: 'cancelled' })
    await rest()
    expect(sessions[0]?.open).toBe(false)
    expect(heard(first)).toBe('')
  })

  test('is made by another one when its maker goes before the first sound, and is lost behind it', async () => {
    const { open, at, said, sessions } = stage()
    const [one, two] = [open(), open()]
    one.say('Hello.')
    const [second] = two.say('Hello.')
    await rest()
    at('Hello.').end({ kind: 'cancelled' })
    await rest()
    expect(said.map(({ session }) => session)).toEqual([1, 2])
    at('Hello.').sound('He')
    const [third] = open().say('Hello.')
    await rest()
    at('Hello.').end({ kind: 'cancelled' })
    for (const one of [second, third])
      expect(one?.ends).toMatchObject([{ kind: 'failed', error: { code: 'speech.lost' } }])
    expect(sessions).toHaveLength(3)
    expect(said).toHaveLength(2)
  })

  test('does not wait behind what another call still has to say: whose turn it is makes it itself', async () => {
    const { open, at, said } = stage()
    const [one, two] = [open(), open()]
    const long = one.say('A long story.', 'Goodbye.')
    await rest()
    const [goodbye] = two.say('Goodbye.')
    await rest()
    // The first call's is given up: this one was not begun.
    expect(said.map(({ session, texts, over }) => [session, texts[0], over?.kind])).toEqual([
      [1, 'A long story.', undefined],
      [1, 'Goodbye.', 'cancelled'],
      [2, 'Goodbye.', undefined],
    ])
    at('Goodbye.').sound('bye')
    at('Goodbye.').end()
    at('A long story.').sound('story')
    at('A long story.').end()
    await rest()
    expect([heard(goodbye), ...long.map(heard)]).toEqual(['bye', 'story', 'bye'])
    expect(kinds([...long, ...(goodbye ? [goodbye] : [])])).toEqual(['done', 'done', 'done'])
  })

  test('in the same message is rendered by one call, sentence by sentence', async () => {
    const { open, at, said } = stage()
    const calls = [open(), open(), open()]
    const spoken = calls.flatMap((call) => call.say('One.', 'Two.', 'Three.'))
    await rest()
    for (const text of ['One.', 'Two.', 'Three.']) {
      at(text).sound(text)
      at(text).end()
      await rest()
    }
    expect(spoken.map(heard)).toEqual(['One.', 'Two.', 'Three.', 'One.', 'Two.', 'Three.', 'One.', 'Two.', 'Three.'])
    expect(said).toHaveLength(3)
  })

  test('with another voice is another sound', async () => {
    const { open, said } = stage()
    open({ voice: { voice: 'a' } }).say('Hello.')
    open({ voice: { voice: 'b' } }).say('Hello.')
    open({ voice: { voice: 'a', speed: 2 } }).say('Hello.')
    await rest()
    expect(said).toHaveLength(3)
  })
})

describe('what is not kept', () => {
  test.each([
    ['the sound of several texts', { kind: 'done', joined: true }, 'sound'],
    ['no sound', { kind: 'done' }, ''],
    ['sound of which nobody said that it is all', { kind: 'done', unconfirmed: true }, 'sound'],
    ['half a sentence', failed(), 'sound'],
  ] as const)('%s', async (_what, end, sound) => {
    const { open, at, said } = stage()
    const [recording] = open().say('Hello.')
    await rest()
    if (sound !== '') at('Hello.').sound(sound)
    at('Hello.').end(end)
    expect(recording?.ends).toEqual([end])
    open().say('Hello.')
    await rest()
    expect(said).toHaveLength(2)
  })

  test('text that comes in parts, or is not ended at once, goes through as it is', async () => {
    const { open, at, said } = stage()
    const { session, say, results } = open()
    const parts = record(session, ['One. ', 'Two.'])
    parts.input.end()
    const slow = record(session, ['Three.'])
    const [last] = say('Four.')
    await rest()
    at('One. |Two.').sound('12')
    at('Three.').sound('3')
    at('Four.').sound('4')
    expect([parts, slow].map(heard)).toEqual(['12', ''])
    at('One. |Two.').end()
    await rest()
    expect([heard(slow), heard(last)]).toEqual(['3', ''])
    slow.input.push(' And more.')
    expect(said[1]?.texts).toEqual(['Three.', ' And more.'])
    slow.input.end()
    expect(said[1]?.ended).toBe(true)
    said[1]?.end()
    await rest()
    expect(heard(last)).toBe('4')
    expect(results()).toEqual(['miss'])
  })
})

describe('a provider that may join utterances', () => {
  const joining = () => stage({ capabilities: { joins: true } })

  test('gives its own calls the sound as it comes, and others when it is known to be of this text only', async () => {
    const { open, at } = joining()
    const [first] = open().say('Hello.')
    const [second] = open().say('Hello.')
    await rest()
    at('Hello.').sound('Hello')
    expect([heard(first), heard(second)]).toEqual(['Hello', ''])
    at('Hello.').end()
    expect(heard(second)).toBe('Hello')
  })

  test('that joined has the text made again for another call', async () => {
    const { open, at, said } = joining()
    const own = open().say('Hello.', 'Goodbye.')
    const [other] = open().say('Hello.')
    await rest()
    at('Hello.').sound('Hello Goodbye')
    at('Hello.').end({ kind: 'done', joined: true })
    at('Goodbye.').end()
    await rest()
    expect(own.map(heard)).toEqual(['Hello Goodbye', ''])
    expect(own[0]?.ends).toEqual([{ kind: 'done', joined: true }])
    expect(said).toHaveLength(3)
    said[2]?.sound('Hello')
    said[2]?.end()
    expect(heard(other)).toBe('Hello')
    expect(said[2]?.session).toBe(2)
  })
})
