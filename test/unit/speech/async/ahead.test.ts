import { describe, expect, test } from 'vitest'
import { audioMs, dialogue, sayAll as say, stage } from './line-fake.ts'

describe('what is made ahead', () => {
  test('two utterances are, in contexts of their own, once audio came under the id of the one being heard', async () => {
    const on = await stage()
    say(on, 'One.', 'Two.', 'Three.', 'Four.')
    expect(on.line().texts()).toEqual(['One. '])
    on.line().say({ context_id: on.line().contexts()[0], audio: audioMs(20), final: false })
    expect(on.line().texts()).toEqual(['One. ', 'Two. ', 'Three. '])
    expect(new Set(on.line().contexts()).size).toBe(3)
    expect(on.line().sent.filter((message) => message['transcript'] === '')).toHaveLength(3)
  })

  test('nothing is while the one being heard may get more text, nor one that may get more text itself', async () => {
    const on = await stage()
    const first = on.speak('One.')
    const second = on.speak('Two.')
    const [third] = say(on, 'Three.')
    on.line().say({ context_id: on.line().contexts()[0], audio: audioMs(400), final: false })
    expect(on.line().texts()).toEqual(['One. '])
    first.input.end()
    expect(on.line().texts()).toEqual(['One. '])
    second.input.end()
    expect(on.line().texts()).toEqual(['One. ', 'Two. ', 'Three. '])
    expect(third?.ends).toEqual([])
  })

  test('an utterance without text is passed over, and ends in its turn', async () => {
    const on = await stage()
    const [first, empty] = say(on, 'One.', ' ', 'Two.', 'Three.')
    on.line().say({ context_id: on.line().contexts()[0], audio: audioMs(400), final: false })
    expect(on.line().texts()).toEqual(['One. ', 'Two. ', 'Three. '])
    expect(empty?.ends).toEqual([])
    first?.input.cancel()
    await on.clock.advance(0)
    expect(empty?.ends).toMatchObject([{ kind: 'done' }])
  })

  test.each([
    ['without an id', undefined],
    ['with the id of init_ack', 'server'],
  ])('nothing is where replies come %s', async (_how, contextId) => {
    const on = await stage()
    on.line().say({ event: 'init_ack', context_id: 'server' })
    const [first] = say(on, 'One.', 'Two.')
    on.line().say({ context_id: contextId, audio: audioMs(400), final: false })
    expect(first?.bytes).toBe(3200)
    expect(on.line().texts()).toEqual(['One. '])
    on.line().say({ context_id: contextId, audio: '', final: true })
    await on.clock.advance(299)
    expect(on.lines).toHaveLength(1)
    expect(on.line().texts()).toEqual(['One. '])
  })

  test('nothing is where only the context of the server speaks', async () => {
    const on = await stage()
    on.line().say({ event: 'init_ack', context_id: 'server' })
    say(on, 'One.', 'Two.')
    on.line().say({ context_id: on.line().contexts()[0], audio: '', final: true })
    await on.clock.advance(300)
    on.line().say({ context_id: 'server', audio: audioMs(400), final: false })
    await on.clock.advance(2000)
    expect(on.line().texts()).toEqual(['One. ', 'One. '])
  })

  test('nothing is where replies came both with our ids and without any', async () => {
    const on = await stage()
    const first = on.speak('One.')
    say(on, 'Two.')
    on.line().say({ audio: audioMs(20), final: false })
    on.line().say({ context_id: on.line().contexts()[0], audio: audioMs(20), final: false })
    first.input.end()
    expect(first.bytes).toBe(320)
    expect(on.line().texts()).toEqual(['One. '])
  })

  test('nothing is while the context of the server speaks, though ours did before', async () => {
    const on = await stage()
    on.line().say({ event: 'init_ack', context_id: 'server' })
    say(on, 'One.')
    on.line().say({ context_id: on.line().contexts()[0], audio: audioMs(400), final: true })
    await on.clock.advance(300)
    const [second] = say(on, 'Two.', 'Three.')
    on.line().say({ context_id: on.line().contexts()[1], audio: '', final: true })
    await on.clock.advance(300)
    on.line().say({ context_id: 'server', audio: audioMs(20), final: false })
    expect(second?.bytes).toBe(160)
    expect(on.line().texts()).toEqual(['One. ', 'Two. ', 'Two. '])
  })

  test('no more is begun before audio of the one whose turn has come', async () => {
    const { clock, line, first, audio, final } = await dialogue()
    audio(1, 400)
    final(1)
    await clock.advance(300)
    expect(first.ends).toMatchObject([{ kind: 'done' }])
    expect(line().texts()).toHaveLength(3)
    audio(2, 20)
    expect(line().texts()).toHaveLength(4)
  })

  test('its audio is held until its turn, and passed on then as the very strings that came', async () => {
    const { clock, line, first, second, audio, final } = await dialogue()
    const chunks = [1, 160, 161].map((bytes) => Buffer.alloc(bytes, 7).toString('base64'))
    for (const chunk of chunks) line().say({ context_id: line().contexts()[1], audio: chunk, final: false })
    expect(second.chunks).toEqual([])
    await clock.advance(1)
    audio(1, 400)
    final(1)
    await clock.advance(299)
    expect(first.ends).toEqual([])
    expect(second.chunks).toEqual([])
    await clock.advance(1)
    expect(first.ends).toMatchObject([{ kind: 'done' }])
    expect(second.chunks).toEqual(chunks)
    audio(2, 20)
    expect(second.chunks).toHaveLength(4)
  })

  test('when its turn comes, the next one is made ahead in its place', async () => {
    const { clock, line, audio, final } = await dialogue()
    audio(1, 400)
    final(1)
    audio(2, 400)
    await clock.advance(0)
    expect(line().texts()).toEqual(['One. ', 'Two. ', 'Three. ', 'Four. '])
  })

  test('a service that was slow with the one before has all its time for it, from its turn on', async () => {
    const { clock, first, second, audio, final } = await dialogue()
    for (let i = 0; i < 12; i++) {
      await clock.advance(1000)
      audio(1, 100)
    }
    final(1)
    await clock.advance(300)
    expect(first.ends).toMatchObject([{ kind: 'done' }])
    await clock.advance(9999)
    expect(second.ends).toEqual([])
    await clock.advance(1)
    expect(second.ends).toMatchObject([{ error: { code: 'speech.stalled' } }])
  })
})

test('a silence of the service before its turn is no stall of it', async () => {
  const { clock, second, audio, final } = await dialogue()
  audio(2, 20)
  for (let i = 0; i < 12; i++) {
    await clock.advance(1000)
    audio(1, 100)
  }
  final(1)
  await clock.advance(300)
  expect(second.bytes).toBe(160)
  await clock.advance(4999)
  expect(second.ends).toEqual([])
  await clock.advance(1)
  expect(second.ends).toMatchObject([{ error: { code: 'speech.stalled' } }])
})

describe('the end of an utterance before one that is made ahead', () => {
  test('final, and audio of the next one behind it, is the end at once', async () => {
    const { clock, first, second, audio, final } = await dialogue()
    audio(1, 400)
    final(1)
    await clock.advance(100)
    expect(first.ends).toEqual([])
    audio(2, 20)
    await clock.advance(0)
    expect(first.ends).toMatchObject([{ kind: 'done' }])
    expect(second.bytes).toBe(160)
  })

  test('without final 1.5 s of quiet suffice, once audio of the next one came', async () => {
    const { clock, first, second, audio } = await dialogue()
    audio(1, 400)
    audio(2, 20)
    await clock.advance(1000)
    audio(1, 20)
    await clock.advance(1499)
    expect(first.ends).toEqual([])
    await clock.advance(1)
    expect(first.ends).toMatchObject([{ kind: 'done' }])
    expect(second.bytes).toBe(160)
  })

  test('without audio of the next one it is 3 s as ever', async () => {
    const { clock, first, audio } = await dialogue()
    audio(1, 400)
    await clock.advance(2999)
    expect(first.ends).toEqual([])
    await clock.advance(1)
    expect(first.ends).toMatchObject([{ kind: 'done' }])
  })

  test('too little audio is no end, whatever came of the next one', async () => {
    const { clock, first, audio } = await dialogue()
    audio(2, 400)
    await clock.advance(4999)
    expect(first.ends).toEqual([])
    await clock.advance(1)
    expect(first.ends).toMatchObject([{ error: { code: 'speech.stalled' } }])
  })

  test('a final that audio followed proves little: 1.5 s', async () => {
    const { clock, first, audio, final } = await dialogue()
    final(1)
    await clock.advance(10)
    audio(1, 400)
    await clock.advance(10)
    audio(2, 20)
    await clock.advance(1489)
    expect(first.ends).toEqual([])
    await clock.advance(1)
    expect(first.ends).toMatchObject([{ kind: 'done' }])
  })

  test('audio that comes after such an end is dropped, and nothing is made ahead any more', async () => {
    const { clock, line, first, second, third, audio, final } = await dialogue()
    audio(1, 400)
    final(1)
    audio(2, 20)
    await clock.advance(0)
    audio(1, 20)
    expect(first.bytes).toBe(420 * 8)
    expect(second.bytes).toBe(160)
    audio(2, 400)
    final(2)
    await clock.advance(300)
    expect(line().texts().slice(3)).toEqual(['Four. ', 'Three. '])
    line().say({ context_id: line().contexts()[4], audio: audioMs(400), final: false })
    expect(third.bytes).toBe(3200)
    expect(line().texts()).toHaveLength(5)
  })
})
