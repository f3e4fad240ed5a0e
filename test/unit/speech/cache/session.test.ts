import { describe, expect, test } from 'vitest'
import { record } from '../../../contract/speech-recorder.ts'
import { heard, kinds, rest, stage } from './stage.ts'

/** Says a text once, so that it is kept. */
async function keepText({ open, at }: Pick<ReturnType<typeof stage>, 'open' | 'at'>, ...texts: string[]) {
  const call = open()
  call.say(...texts)
  await rest()
  for (const text of texts) {
    at(text).sound(text)
    at(text).end()
  }
  await call.session.close()
}

describe('the order', () => {
  test('hits and misses are passed on in the order of speak; a miss behind a hit is begun at once', async () => {
    const scene = stage()
    await keepText(scene, 'Kept.', 'Kept too.')
    const { open, at, said } = scene
    const { say } = open()
    const spoken = say('New.', 'Kept.', 'New too.', 'Kept too.')
    await rest()
    expect(said.slice(2).map(({ texts }) => texts[0])).toEqual(['New.', 'New too.'])
    at('New too.').sound('2')
    expect(spoken.map(heard)).toEqual(['', '', '', ''])
    at('New.').sound('1')
    at('New.').end()
    await rest()
    expect(spoken.map(heard)).toEqual(['1', 'Kept.', '2', ''])
    at('New too.').end()
    await rest()
    expect(spoken.map(heard)).toEqual(['1', 'Kept.', '2', 'Kept too.'])
    expect(kinds(spoken)).toEqual(['done', 'done', 'done', 'done'])
    for (const one of spoken) expect(one.breaches).toEqual([])
  })

  test('a hit that is cancelled inside its own sound passes no more', async () => {
    const scene = stage()
    const { open, at } = scene
    open().say('Kept.')
    await rest()
    for (const part of ['a', 'b', 'c']) at('Kept.').sound(part)
    at('Kept.').end()
    const { session } = open()
    const recording = record(session, ['Kept.'], { onAudio: ({ input }) => input.cancel() })
    recording.input.end()
    await rest()
    expect(recording.chunks).toBe(1)
    expect(recording.ends).toEqual([{ kind: 'cancelled' }])
  })
})

describe('the inner session', () => {
  test('is opened at once when nothing is known of what will be said, and ready follows it', async () => {
    const { open, sessions } = stage()
    const { session } = open()
    expect(sessions).toHaveLength(1)
    let ready = false
    void session.ready.then(() => (ready = true))
    await rest()
    expect(ready).toBe(false)
    sessions[0]?.ready.resolve()
    await rest()
    expect(ready).toBe(true)
  })

  test('its refusal is the refusal of ready', async () => {
    const { open, sessions } = stage()
    const { session } = open()
    sessions[0]?.ready.reject(new Error('no'))
    await expect(session.ready).rejects.toThrow('no')
  })

  test('is not opened when all that will be said is there or in the making, but on the first miss', async () => {
    const scene = stage()
    const { open, sessions, at } = scene
    await keepText(scene, 'Kept.')
    const making = open({ prepare: ['In the making.'] })
    await rest()
    expect(sessions).toHaveLength(2)
    const { session, say, events, results } = open({ prepare: ['Kept.', 'In the making.'] })
    await session.ready
    expect(sessions).toHaveLength(2)
    expect(results()).toEqual(['hit', 'shared'])
    at('In the making.').sound('b')
    at('In the making.').end()
    const spoken = say('Kept.', 'In the making.', 'Something else.')
    await rest()
    expect(spoken.map(heard)).toEqual(['Kept.', 'b', ''])
    expect(sessions).toHaveLength(3)
    // What was prepared is counted once.
    expect(results()).toEqual(['hit', 'shared', 'miss'])
    expect(events).toContainEqual({ type: 'prepared', provider: 'hand', audioMs: 6 / 8 })
    await making.session.close()
  })

  test('closing ends everything, also a session that was never opened', async () => {
    const scene = stage()
    await keepText(scene, 'Kept.')
    const { session } = scene.open({ prepare: ['Kept.'] })
    await session.close()
    await expect(session.ready).rejects.toMatchObject({ code: 'call.ended' })
    expect(scene.sessions).toHaveLength(1)
  })
})

describe('what is prepared', () => {
  test('is rendered at once in its order, at most half a minute of sound, and repeated sentences once', async () => {
    const { open, said } = stage()
    const sentence = (index: number) => `This is sentence number ${index} of a message that is rather long.`
    open({ prepare: ['Hello.', ' ', 'Hello.', ...Array.from({ length: 60 }, (_, index) => sentence(index))] })
    await rest()
    expect(said.map(({ texts }) => texts[0]).slice(0, 3)).toEqual(['Hello.', sentence(0), sentence(1)])
    expect(said.length).toBeGreaterThan(5)
    expect(said.length).toBeLessThan(12)
  })

  test('is said at once when its turn comes, and tells how much it is', async () => {
    const { open, at, said } = stage()
    const { say, events, results } = open({ prepare: ['Hello.', 'Goodbye.'] })
    await rest()
    for (const text of ['Hello.', 'Goodbye.']) {
      at(text).sound('x'.repeat(800))
      at(text).end()
    }
    expect(events.filter(({ type }) => type === 'prepared')).toEqual([
      { type: 'prepared', provider: 'hand', audioMs: 200 },
    ])
    const [first, second] = say('Hello.', 'Goodbye.')
    await Promise.resolve()
    await Promise.resolve()
    expect(heard(first)).toHaveLength(800)
    await rest()
    expect(heard(second)).toHaveLength(800)
    expect(said).toHaveLength(2)
    expect(results()).toEqual(['miss', 'miss'])
  })

  test('and is said, and cancelled, is not made any further', async () => {
    const { open, at } = stage()
    const { say } = open({ prepare: ['Hello.'] })
    await rest()
    const [first] = say('Hello.')
    await rest()
    at('Hello.').sound('He')
    first?.input.cancel()
    expect(at('Hello.').over).toEqual({ kind: 'cancelled' })
  })

  test('where only its beginning is there, the session for the rest is opened while the phone rings', async () => {
    const scene = stage()
    const sentence = (index: number) => `This is sentence number ${index} of a message that is rather long.`
    const message = Array.from({ length: 12 }, (_, index) => sentence(index))
    await keepText(scene, ...message.slice(0, -1))
    const { results } = scene.open({ prepare: message })
    await rest()
    expect(results().every((result) => result === 'hit')).toBe(true)
    expect(scene.sessions).toHaveLength(2)
    await keepText(scene, message.at(-1) ?? '')
    const before = scene.sessions.length
    await scene.open({ prepare: message }).session.ready
    expect(scene.sessions).toHaveLength(before)
  })

  test('and fails is made again when it is said; nothing is told before', async () => {
    const { open, at, said } = stage()
    const { say, events } = open({ prepare: ['Hello.'] })
    await rest()
    at('Hello.').end({ kind: 'cancelled' })
    await rest()
    const [first] = say('Hello.')
    await rest()
    expect(said).toHaveLength(2)
    at('Hello.').sound('Hello')
    at('Hello.').end()
    expect(heard(first)).toBe('Hello')
    expect(events.filter(({ type }) => type === 'prepared')).toEqual([])
  })

  test('for a phone that is not answered is rendered to its end, and serves the next attempt', async () => {
    const { open, at, said, sessions, timers } = stage()
    const { session } = open({ prepare: ['Hello.', 'Goodbye.'] })
    await rest()
    at('Hello.').sound('Hello')
    await session.close()
    expect(sessions[0]?.open).toBe(true)
    at('Hello.').end()
    at('Goodbye.').sound('Goodbye')
    at('Goodbye.').end()
    await rest()
    expect(sessions[0]?.open).toBe(false)
    // One would keep the process from ending.
    expect(timers()).toBe(0)
    const again = open({ prepare: ['Hello.', 'Goodbye.'] })
    const spoken = again.say('Hello.', 'Goodbye.')
    await rest()
    expect(spoken.map(heard)).toEqual(['Hello', 'Goodbye'])
    expect(said).toHaveLength(2)
    expect(sessions).toHaveLength(1)
  })

  test('by a service that does not come to an end is given up twenty seconds after the call', async () => {
    const { open, clock, sessions, at } = stage()
    const { session } = open({ prepare: ['Hello.'] })
    await rest()
    await session.close()
    await clock.advance(19_999)
    expect(sessions[0]?.open).toBe(true)
    await clock.advance(1)
    expect(sessions[0]?.open).toBe(false)
    expect(at('Hello.').over).toEqual({ kind: 'cancelled' })
  })

  test('is given up at once when the provider is closed', async () => {
    const { open, provider, sessions } = stage()
    const { session } = open({ prepare: ['Hello.'] })
    await rest()
    await session.close()
    await provider.close?.()
    expect(sessions[0]?.open).toBe(false)
  })
})

describe('at the end of a call', () => {
  test('a sentence with sound is rendered to its end; what was only asked for, and what is not kept, is not', async () => {
    const { open, at } = stage()
    const call = open()
    const first = call.say('Begun.')
    const parts = record(call.session, ['Not ', 'kept.'])
    const last = call.say('Not begun.')
    await rest()
    at('Begun.').sound('a')
    at('Not |kept.').sound('b')
    await call.session.close()
    expect(kinds([...first, parts, ...last])).toEqual(['cancelled', 'cancelled', 'cancelled'])
    expect(at('Begun.').over).toBeUndefined()
    expect(at('Not |kept.').over).toEqual({ kind: 'cancelled' })
    expect(at('Not begun.').over).toEqual({ kind: 'cancelled' })
  })

  test('the cache of one call ends with it, and counts nothing', async () => {
    const { open, at, said, sessions } = stage({ ofOneCall: true })
    const { session, events } = open({ prepare: ['Hello.'] })
    await rest()
    at('Hello.').sound('Hello')
    await session.close()
    await rest()
    expect(sessions[0]?.open).toBe(false)
    expect(events).toEqual([])
    open({ prepare: ['Hello.'] })
    await rest()
    expect(said).toHaveLength(2)
  })
})
