import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Utterance } from '../../../src/call/utterance.ts'
import { BridgeError } from '../../../src/errors.ts'
import type { SpeechEnd } from '../../../src/speech/provider.ts'
import { audio, stage } from './speaker-stage.ts'

async function* soundOf(mulaw: Uint8Array) {
  yield await Promise.resolve(mulaw)
}

const over = new BridgeError('call.ended', 'The call is over.')

describe('the speaker', () => {
  test('a chunk goes out at once and untouched; a mark follows every quarter second of sound', () => {
    const { speaker, spoken, frames } = stage()
    void speaker.say('Hello.')
    for (const payload of [audio(100), audio(100), audio(100)]) spoken[0]?.sink.audio(payload, 800)
    expect(frames).toEqual([`media ${audio(100)}`, `media ${audio(100)}`, `media ${audio(100)}`, 'g1:m1'])
  })

  test('a mark stands behind the chunk that makes a quarter second whole', () => {
    const { speaker, spoken, frames } = stage()
    void speaker.say('Hello.')
    for (const payload of [audio(125), audio(125)]) spoken[0]?.sink.audio(payload, 1000)
    expect(frames).toEqual([`media ${audio(125)}`, `media ${audio(125)}`, 'g1:m1'])
  })

  test('say resolves on the echo of the last mark, not when the last audio was sent', async () => {
    const { speaker, spoken, clock, marks } = stage()
    let resolved = false
    const saying = speaker.say('Hello.').then((heard) => {
      resolved = true
      return heard
    })
    spoken[0]?.sink.audio(audio(1000), 8000)
    spoken[0]?.sink.ended({ kind: 'done' })
    await clock.advance(1000)
    expect(resolved).toBe(false)
    for (const name of marks()) speaker.echoed(name)
    expect(await saying).toEqual({ end: 'heard', heardMs: 1000, sentMs: 1000, heardText: 'Hello.' })
  })

  test('an utterance whose last mark never comes back fails after the outstanding audio and a margin', async () => {
    const { speaker, spoken, clock } = stage()
    const saying = speaker.say('Hello.')
    spoken[0]?.sink.audio(audio(2000), 16_000)
    spoken[0]?.sink.ended({ kind: 'done' })
    await clock.advance(6_900)
    let failed = false
    saying.catch(() => {
      failed = true
    })
    await clock.advance(0)
    expect(failed).toBe(false)
    await clock.advance(200)
    await expect(saying).rejects.toMatchObject({ code: 'playback.unconfirmed' })
  })

  test('speech that fails after some audio fails only when that audio was played', async () => {
    const { speaker, spoken, marks, clock } = stage()
    const saying = speaker.say('Hello.')
    let failed = false
    saying.catch(() => {
      failed = true
    })
    spoken[0]?.sink.audio(audio(500), 4000)
    spoken[0]?.sink.ended({ kind: 'failed', error: new BridgeError('speech.lost', 'cut') })
    await clock.advance(100)
    expect(failed).toBe(false)
    for (const name of marks()) speaker.echoed(name)
    await expect(saying).rejects.toMatchObject({ code: 'speech.lost' })
    expect(speaker.account().heardMs).toBe(500)
    expect(speaker.account().whole).toBe(false)
  })

  test('a text with words that came back without audio was not heard', async () => {
    const { speaker, spoken } = stage()
    const saying = speaker.say('Hello.')
    spoken[0]?.sink.ended({ kind: 'done' })
    await expect(saying).rejects.toMatchObject({ code: 'speech.stalled' })
  })

  test('a sound goes out as soon as the last audio of the text before it came, long before that is heard', async () => {
    const { speaker, spoken, frames, clock } = stage()
    void speaker.say('Hello.')
    void speaker.play(soundOf(new Uint8Array(800).fill(5)))
    void speaker.say('Goodbye.')
    spoken[0]?.sink.audio(audio(1000), 8000)
    await clock.advance(0)
    expect(frames.some((frame) => frame.startsWith('media BQUF'))).toBe(false)
    spoken[0]?.sink.ended({ kind: 'done' })
    await clock.advance(0)
    expect(frames.filter((frame) => frame.startsWith('media BQUF'))).toHaveLength(1)
    // The text behind it is made while all of that is played.
    expect(spoken).toHaveLength(2)
  })

  test('a text that fails lets the sound behind it be played', async () => {
    const { speaker, spoken, frames, clock } = stage()
    speaker.say('Hello.').catch(() => {})
    void speaker.play(soundOf(new Uint8Array(800).fill(5)))
    spoken[0]?.sink.ended({ kind: 'failed', error: new BridgeError('speech.lost', 'cut') })
    await clock.advance(0)
    expect(frames.filter((frame) => frame.startsWith('media BQUF'))).toHaveLength(1)
  })

  test('what of a sound could be read is heard, then it fails', async () => {
    const { speaker, marks, clock } = stage()
    async function* broken() {
      yield new Uint8Array(800).fill(5)
      await Promise.reject(Object.assign(new Error('the disk is gone: /home/who'), { code: 'EIO' }))
    }
    const playing = speaker.play(broken())
    let failed = false
    playing.catch(() => {
      failed = true
    })
    await clock.advance(0)
    expect(failed).toBe(false)
    for (const name of marks()) speaker.echoed(name)
    await expect(playing).rejects.toMatchObject({
      code: 'audio.unreadable',
      message: 'A sound cannot be played: reading it failed (EIO).',
    })
    expect(speaker.account().heardMs).toBe(100)
  })

  test('exactly one clear however often interrupted, none when nothing plays', async () => {
    const { speaker, spoken, frames } = stage()
    speaker.interrupt()
    expect(frames).toEqual([])
    const saying = speaker.say('Hello.')
    spoken[0]?.sink.audio(audio(100), 800)
    saying.interrupt()
    saying.interrupt()
    expect(frames.filter((frame) => frame === 'clear')).toHaveLength(1)
    expect(await saying).toMatchObject({ end: 'interrupted', heardMs: 0 })
    expect(spoken[0]?.cancelled).toBe(true)
    spoken[0]?.sink.audio(audio(100), 800)
    expect(frames.at(-1)).toBe('clear')
  })

  test('text is given to the service two minutes of sound ahead of what was heard, and no further', () => {
    const { speaker, spoken, marks } = stage({ estimateMs: 30_000 })
    void speaker.say('A. B. C. D. E. F.')
    const pushed = () => spoken.map((one) => one.pushed.join('|'))
    expect(pushed()).toEqual(['A. ', 'B. ', 'C. ', 'D. '])
    for (const last of ['E. ', 'F.']) {
      const one = spoken[last === 'F.' ? 1 : 0]
      one?.sink.audio(audio(30_000), 240_000)
      one?.sink.ended({ kind: 'done' })
      for (const name of marks()) speaker.echoed(name)
      expect(pushed().at(-1)).toBe(last)
    }
    expect(spoken.every((one) => one.ended)).toBe(true)
  })

  test('each sentence is an utterance of the session, and is quoted once all of its audio is proven heard', async () => {
    const { speaker, spoken, marks } = stage()
    const saying = speaker.say('One of them. Two of them. Three of them.')
    expect(spoken.map((one) => one.pushed)).toEqual([['One of them. '], ['Two of them. '], ['Three of them.']])
    const [first, second] = spoken
    first?.sink.audio(audio(100), 800)
    expect(speaker.account().heardText).toBe('')
    first?.sink.ended({ kind: 'done' })
    second?.sink.audio(audio(300), 2400)
    const [endOfFirst, insideSecond] = marks()
    speaker.echoed(endOfFirst ?? '')
    expect(speaker.account().heardText).toBe('One of them.')
    speaker.echoed(insideSecond ?? '')
    expect(speaker.account().heardText).toBe('One of them.')
    second?.sink.ended({ kind: 'done' })
    expect(speaker.account().heardText).toBe('One of them. Two of them.')
    speaker.interrupt()
    expect(await saying).toMatchObject({ end: 'interrupted', heardMs: 400, heardText: 'One of them. Two of them.' })
  })

  test('a sentence that cannot be spoken ends its utterance there, after what was sent has been heard', async () => {
    const { speaker, spoken, marks } = stage()
    const saying = speaker.say('One of them. Two of them. Three of them.')
    spoken[0]?.sink.audio(audio(300), 2400)
    spoken[0]?.sink.ended({ kind: 'done' })
    const error = new BridgeError('speech.stalled', 'Silence.')
    spoken[1]?.sink.ended({ kind: 'failed', error })
    expect(spoken[2]?.cancelled).toBe(true)
    for (const name of marks()) speaker.echoed(name)
    await expect(saying).rejects.toBe(error)
    expect(speaker.account().heardText).toBe('One of them.')
    expect(speaker.account().whole).toBe(false)
  })

  test('sentences whose audio came joined in the first of them are heard with it', async () => {
    const { speaker, spoken, marks } = stage()
    const saying = speaker.say('One of them. Two of them.')
    spoken[0]?.sink.audio(audio(300), 2400)
    for (const one of spoken) one.sink.ended({ kind: 'done', joined: true })
    expect(speaker.account().heardText).toBe('')
    for (const name of marks()) speaker.echoed(name)
    expect(await saying).toMatchObject({ end: 'heard', heardText: 'One of them. Two of them.' })
  })

  test('after the end of the call nothing is spoken and everything unheard rejects', async () => {
    const { speaker, spoken, frames } = stage()
    const first = speaker.say('One.')
    speaker.stop(over)
    const second = speaker.say('Two.')
    await expect(first).rejects.toBe(over)
    await expect(second).rejects.toBe(over)
    expect(spoken).toHaveLength(1)
    expect(frames).toEqual([])
  })

  test('the audio that was kept is the audio that was confirmed', () => {
    const { speaker, spoken, marks } = stage({ keepAudio: true })
    void speaker.say('One.')
    spoken[0]?.sink.audio(audio(300), 2400)
    const [first] = marks()
    spoken[0]?.sink.audio(audio(300), 2400)
    speaker.echoed(first ?? '')
    expect(speaker.heardAudio()).toHaveLength(2400)
  })

  test('audio behind the end of its sentence is dropped, while the next sentence goes on', () => {
    const { speaker, spoken, frames } = stage()
    void speaker.say('One of them. Two of them.')
    spoken[0]?.sink.audio(audio(100), 800)
    spoken[0]?.sink.ended({ kind: 'done' })
    const sent = frames.length
    spoken[0]?.sink.audio(audio(100), 800)
    expect(frames).toHaveLength(sent)
    spoken[1]?.sink.audio(audio(100), 800)
    expect(frames).toHaveLength(sent + 1)
  })

  test.each(['interrupted', 'stopped', 'failed'] as const)(
    'of a text that is %s nothing passes, though one sentence is passed on while another is cancelled',
    (how) => {
      const { speaker, spoken, frames } = stage()
      speaker.say('One of them. Two of them. Three of them.').catch(() => {})
      const [first, second, third] = spoken
      if (!first || !second || !third) throw new Error('three sentences expected')
      const { sink } = first
      const ended = sink.ended.bind(sink)
      sink.ended = (end) => {
        second.sink.audio(audio(500), 4000)
        ended(end)
      }
      if (how === 'interrupted') speaker.interrupt()
      else if (how === 'stopped') speaker.stop(over)
      else third.sink.ended({ kind: 'failed', error: over })
      expect(first.cancelled).toBe(true)
      expect(frames).toEqual([])
    },
  )

  type Step = readonly [what: 'say' | 'audio' | 'end' | 'fail' | 'echo' | 'interrupt' | 'time' | 'stop', n: number]
  const step: fc.Arbitrary<Step> = fc.tuple(
    fc.constantFrom('say', 'audio', 'audio', 'audio', 'end', 'fail', 'echo', 'echo', 'interrupt', 'time', 'stop'),
    fc.nat(5000),
  )

  test('whatever happens, every utterance ends exactly once and nothing passes after its end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { speaker, spoken, frames, marks, clock } = stage()
        const ends: number[] = []
        const sayings: Utterance[] = []
        const echoed = new Set<string>()
        let stopped = false
        let heardMs = 0
        for (const [what, n] of steps) {
          const one = spoken[n % Math.max(1, spoken.length)]
          const before = frames.length
          if (what === 'say') {
            const index = sayings.length
            const saying = speaker.say(`Text ${index}. More.`)
            sayings.push(saying)
            const count = () => {
              ends[index] = (ends[index] ?? 0) + 1
            }
            saying.then(count, count)
          } else if (what === 'audio' && one) {
            const late = one.over || stopped
            one.sink.audio(audio(n), n * 8)
            if (late) expect(frames.length).toBe(before)
          } else if ((what === 'end' || what === 'fail') && one && !one.over) {
            one.over = true
            const end: SpeechEnd =
              what === 'end' ? { kind: 'done' } : { kind: 'failed', error: new BridgeError('speech.lost', 'cut') }
            one.sink.ended(end)
          } else if (what === 'echo') {
            const name = marks()[n % Math.max(1, marks().length)]
            if (name !== undefined) speaker.echoed(name)
            echoed.add(name ?? '')
          } else if (what === 'interrupt') speaker.interrupt()
          else if (what === 'time') await clock.advance(n)
          else if (what === 'stop') {
            stopped = true
            speaker.stop(over)
          }
          expect(speaker.account().heardMs).toBeGreaterThanOrEqual(heardMs)
          expect(speaker.account().heardMs).toBeLessThanOrEqual(speaker.account().sentMs)
          heardMs = speaker.account().heardMs
        }
        speaker.stop(over)
        await clock.advance(60_000)
        expect(ends).toEqual(sayings.map(() => 1))
      }),
      { numRuns: 150 },
    )
  })
})
