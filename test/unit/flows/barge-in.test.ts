import { describe, expect, test } from 'vitest'
import { msToBytes } from '../../../src/audio/duration.ts'
import { encodeMulaw } from '../../../src/audio/mulaw.ts'
import { BridgeError } from '../../../src/errors.ts'
import type { BargeIn } from '../../../src/flows/answer.ts'
import type { Happenings } from '../../../src/flows/flow.ts'
import { stage } from './dialogue-stage.ts'

/** A call that says two things, one behind the other, and then nothing; with what became of them. */
async function saying(texts: readonly string[], bargeIn: BargeIn = 'keys') {
  const ends: string[] = []
  const interruptions: Happenings['interrupted'][] = []
  const scene = stage(async (call) => {
    call.on('interrupted', (how) => interruptions.push(how))
    for (const text of texts) {
      call.say(text, { bargeIn }).then(
        ({ end, heardMs }) => ends.push(`${end} after ${heardMs} ms`),
        (thrown: unknown) => ends.push(thrown instanceof BridgeError ? thrown.code : 'another error'),
      )
    }
    await call.pause(3_600_000)
  })
  await scene.begin()
  return { ...scene, ends, interruptions }
}

const voice = Buffer.from(
  encodeMulaw(
    Int16Array.from({ length: msToBytes(20) }, (_, at) => 8_000 * Math.sin((at / 8_000) * 440 * 2 * Math.PI)),
  ),
).toString('base64')
const silence = Buffer.alloc(msToBytes(20), 0xff).toString('base64')

describe('interrupted', () => {
  test('before the first chunk: nothing to clear, the service is cancelled, and no late chunk passes', async () => {
    const scene = await saying(['One.'])
    await scene.press('1')
    expect(scene.clears()).toBe(0)
    expect(scene.ends).toEqual(['interrupted after 0 ms'])
    expect(scene.spoken[0]?.over).toBe(true)
    scene.sound(100)
    expect(scene.frames).toEqual([])
    expect(scene.interruptions).toEqual([{ by: 'key', heardMs: 0 }])
  })

  test('between chunk and mark: one clear; the mark that it returns proves nothing', async () => {
    const scene = await saying(['One.'])
    scene.sound(300)
    await scene.press('1')
    scene.sound(300)
    expect(scene.frames.at(-1)).toBe('clear')
    await scene.played()
    expect(scene.ends).toEqual(['interrupted after 0 ms'])
    expect(scene.call.events.some(({ type }) => type === 'progress')).toBe(false)
  })

  test('after the last chunk, while the buffer still plays: one clear, and what was heard up to then is known', async () => {
    const scene = await saying(['One.'])
    scene.sound(300)
    scene.sound(300)
    scene.spokenAll()
    await scene.played(1)
    await scene.press('1')
    expect(scene.clears()).toBe(1)
    expect(scene.ends).toEqual(['interrupted after 300 ms'])
    expect(scene.interruptions).toEqual([{ by: 'key', heardMs: 300 }])
    await scene.played()
    expect(scene.ends).toEqual(['interrupted after 300 ms'])
  })

  test('twice, and more often: one clear, and told once', async () => {
    const scene = await saying(['One.'])
    scene.sound(300)
    await scene.press('1', '2', '3')
    await scene.press('4')
    expect(scene.clears()).toBe(1)
    expect(scene.interruptions).toHaveLength(1)
  })

  test('by a key and by speech at once: one clear, by what came first', async () => {
    const scene = await saying(['One.'], 'speech')
    scene.sound(300)
    scene.hand.interim('wait')
    scene.call.key('1')
    scene.hand.interim('wait a moment')
    await scene.settle()
    expect(scene.clears()).toBe(1)
    expect(scene.interruptions).toEqual([{ by: 'speech', heardMs: 0 }])
  })

  test('after the call is over: nothing is sent', async () => {
    const scene = await saying(['One.'])
    scene.sound(300)
    scene.call.streamGone('callee-hung-up')
    const sent = scene.frames.length
    await scene.press('1')
    scene.call.audio(voice, 20)
    await scene.settle()
    expect(scene.frames).toHaveLength(sent)
    expect(scene.ends).toEqual(['call.ended'])
    expect(scene.interruptions).toEqual([])
  })

  test('with something queued behind: both are over, and neither is heard any more', async () => {
    const scene = await saying(['One.', 'Two.'])
    const [one, two] = scene.spoken
    scene.sound(300, one)
    await scene.press('1')
    expect(scene.ends).toEqual(['interrupted after 0 ms', 'interrupted after 0 ms'])
    const sent = scene.frames.length
    scene.sound(300, one)
    scene.sound(300, two)
    expect(scene.frames).toHaveLength(sent)
    expect(scene.clears()).toBe(1)
  })

  test('audio of what is queued that comes while the one before is being cancelled passes no more', async () => {
    const scene = await saying(['One.', 'Two.'])
    const [one, two] = scene.spoken
    if (!one || !two) throw new Error('Expected two utterances at the service.')
    scene.sound(300, one)
    const ended = one.sink.ended.bind(one.sink)
    Object.assign(one.sink, {
      ended(end: Parameters<typeof ended>[0]) {
        scene.sound(300, two)
        ended(end)
      },
    })
    await scene.press('1')
    expect(scene.frames.at(-1)).toBe('clear')
  })

  test('late audio of the old one after the new one has begun: only the new one is heard', async () => {
    const scene = stage(async (call) => {
      await call.say('Old.', { bargeIn: 'keys' })
      await call.say('New.', { bargeIn: 'keys' })
      await call.pause(3_600_000)
    })
    await scene.begin()
    scene.sound(300)
    await scene.press('1')
    const [old, fresh] = scene.spoken
    expect(fresh?.text).toBe('New.')
    scene.sound(400, fresh)
    const sent = scene.frames.length
    scene.sound(300, old)
    expect(scene.frames).toHaveLength(sent)
    await scene.played()
    expect(scene.call.events.findLast(({ type }) => type === 'progress')).toMatchObject({ heardMs: 400 })
  })

  test('by a signal: one clear, and what was heard is known; a signal that comes later silences nothing', async () => {
    const ends: string[] = []
    const [wish, late] = [new AbortController(), new AbortController()]
    const scene = stage(async (call) => {
      ends.push((await call.say('Long.', { signal: late.signal })).end)
      ends.push((await call.say('Longer.', { signal: wish.signal })).end)
      ends.push((await call.say('Never.', { signal: wish.signal })).end)
      await call.pause(3_600_000)
    })
    await scene.begin()
    await scene.hears()
    late.abort()
    expect(scene.clears()).toBe(0)
    scene.sound(1_000)
    wish.abort()
    await scene.settle()
    expect(ends).toEqual(['heard', 'interrupted', 'interrupted'])
    expect(scene.clears()).toBe(1)
  })

  test('an utterance that is over silences nothing: not what is said after it', async () => {
    const interrupted: string[] = []
    const scene = stage(async (call) => {
      const first = call.say('One.')
      await first
      void call.say('Two.').then(({ end }) => interrupted.push(end))
      first.interrupt()
      await call.pause(3_600_000)
    })
    await scene.begin()
    await scene.hears()
    scene.sound(300)
    await scene.settle()
    expect(interrupted).toEqual([])
    expect(scene.clears()).toBe(0)
  })
})

describe('what silences', () => {
  test('nothing silences what is said without more ado', async () => {
    const scene = await saying(['One.'], false)
    scene.sound(300)
    await scene.press('1')
    scene.hand.interim('stop')
    expect(scene.clears()).toBe(0)
    expect(scene.hand.sessions).toEqual([])
  })

  test('keys: a key, and nobody listens', async () => {
    const scene = await saying(['One.'], 'keys')
    scene.sound(300)
    expect(scene.call.attention.listening).toBe(false)
    await scene.press('1')
    expect(scene.clears()).toBe(1)
  })

  test('speech: the first word, not a noise, and who listens is let go with the utterance', async () => {
    const scene = await saying(['One.'], 'speech')
    scene.sound(300)
    scene.hand.hear({ type: 'started' })
    expect(scene.clears()).toBe(0)
    scene.hand.hear({ type: 'interim', text: 'st' })
    expect(scene.clears()).toBe(1)
    await scene.settle()
    expect(scene.hand.open).toBe(0)
    expect(scene.call.attention.listening).toBe(false)
  })

  test.each(['speech', 'energy'] as const)('what a voice silences (%s), a key silences too', async (bargeIn) => {
    const scene = await saying(['One.'], bargeIn)
    scene.sound(300)
    await scene.press('1')
    expect(scene.clears()).toBe(1)
    expect(scene.interruptions).toEqual([{ by: 'key', heardMs: 0 }])
  })

  test('energy: sixty milliseconds of a voice, not silence, without a recognizer', async () => {
    const scene = await saying(['One.'], 'energy')
    scene.sound(300)
    for (let frame = 0; frame < 50; frame++) scene.call.audio(silence, frame * 20)
    scene.call.audio(voice, 1_000)
    scene.call.audio(voice, 1_020)
    expect(scene.clears()).toBe(0)
    scene.call.audio(voice, 1_040)
    expect(scene.clears()).toBe(1)
    await scene.settle()
    expect(scene.interruptions).toEqual([{ by: 'energy', heardMs: 0 }])
    expect(scene.hand.sessions).toEqual([])
    expect(scene.call.attention.listening).toBe(false)
  })

  test('energy: a voice that has fallen silent by then silences nothing', async () => {
    const scene = stage(async (call) => {
      void call.say('What must be heard.')
      void call.say('What need not.', { bargeIn: 'energy' })
      await call.pause(3_600_000)
    })
    await scene.begin()
    const [notice, rest] = scene.spoken
    scene.sound(300, notice)
    scene.spokenAll(notice)
    scene.sound(500, rest)
    for (let frame = 0; frame < 10; frame++) scene.call.audio(voice, frame * 20)
    await scene.played(1)
    scene.call.audio(silence, 200)
    expect(scene.clears()).toBe(0)
  })

  test('what must be heard is not silenced with what is queued behind it, until it was heard', async () => {
    const scene = stage(async (call) => {
      void call.say('What must be heard.')
      void call.say('What need not.', { bargeIn: 'keys' })
      await call.pause(3_600_000)
    })
    await scene.begin()
    const [notice, rest] = scene.spoken
    scene.sound(300, notice)
    scene.spokenAll(notice)
    scene.sound(500, rest)
    await scene.press('1')
    expect(scene.clears()).toBe(0)
    await scene.played(1)
    await scene.press('1')
    expect(scene.clears()).toBe(1)
  })

  test.each<[BargeIn, number]>([
    ['speech', 1],
    ['energy', 1],
    ['keys', 0],
  ])('words at the prompt of a question, by the setting: with %s, %i', async (sensitivity, clears) => {
    const scene = stage(async (call) => void (await call.gather({ say: 'Keep?', speech: ['keep'] })), { sensitivity })
    await scene.begin()
    scene.sound(300)
    scene.hand.interim('keep')
    expect(scene.clears()).toBe(clears)
  })
})
