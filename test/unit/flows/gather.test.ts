import { describe, expect, test } from 'vitest'
import type { Answer, GatherOptions } from '../../../src/flows/answer.ts'
import { stage } from './dialogue-stage.ts'

/** A call whose flow asks one question, and what became of it. */
async function asking(options: GatherOptions, of: Parameters<typeof stage>[1] = {}) {
  const answers: (Answer | { readonly thrown: unknown })[] = []
  const scene = stage(async (call) => {
    try {
      answers.push(await call.gather(options))
    } catch (thrown) {
      answers.push({ thrown })
      throw thrown
    }
    // The line stays open, so that what is done next cannot be taken for the end of the call.
    await call.pause(3_600_000)
  }, of)
  await scene.begin()
  return { ...scene, answers }
}

const say = 'Keep it or move it?'

describe('keys', () => {
  test('the time for the first key runs from the end of the prompt, that for the next from the key', async () => {
    const scene = await asking({ say, digits: { min: 2, max: 4 }, timeoutMs: 5_000, betweenKeysMs: 2_000 })
    await scene.passes(60_000)
    expect(scene.answers).toEqual([])
    await scene.hears()
    await scene.passes(4_900)
    await scene.press('1')
    await scene.passes(1_900)
    await scene.press('2')
    await scene.passes(1_900)
    expect(scene.answers).toEqual([])
    await scene.passes(200)
    expect(scene.answers).toEqual([{ digits: '12', ended: 'pause' }])
  })

  test('nothing at all is a timeout', async () => {
    const scene = await asking({ say, digits: 1, timeoutMs: 5_000 })
    await scene.hears()
    await scene.passes(4_900)
    expect(scene.answers).toEqual([])
    await scene.passes(200)
    expect(scene.answers).toEqual([{ ended: 'timeout' }])
  })

  test('too few keys are nonsense', async () => {
    const scene = await asking({ say, digits: 4 })
    await scene.press('1', '2')
    await scene.passes(3_100)
    expect(scene.answers).toEqual([{ ended: 'nonsense' }])
  })

  test('a question without a prompt waits until what is being said was heard', async () => {
    const answers: Answer[] = []
    const scene = stage(async (call) => {
      void call.say('Some words first.')
      answers.push(await call.gather({ digits: 1, timeoutMs: 1_000 }))
      await call.pause(3_600_000)
    })
    await scene.begin()
    await scene.passes(10_000)
    expect(answers).toEqual([])
    await scene.hears()
    await scene.passes(1_100)
    expect(answers).toEqual([{ ended: 'timeout' }])
  })
})

describe('keys pressed before the prompt began', () => {
  async function early(options: Partial<GatherOptions>, keys: readonly string[]) {
    const answers: Answer[] = []
    const scene = stage(async (call) => {
      void call.say('What must be heard.')
      answers.push(await call.gather({ say, digits: 2, timeoutMs: 1_000, ...options }))
      await call.pause(3_600_000)
    })
    await scene.begin()
    await scene.press(...keys)
    expect(scene.clears()).toBe(0)
    const [notice, prompt] = scene.spoken
    scene.sound(1_000, notice)
    scene.spokenAll(notice)
    scene.sound(1_000, prompt)
    return { ...scene, answers }
  }

  test('are dropped', async () => {
    const scene = await early({}, ['1', '2'])
    await scene.played()
    expect(scene.answers).toEqual([])
    await scene.press('3', '4')
    expect(scene.answers).toEqual([{ digits: '34', ended: 'digits' }])
  })

  test('count where that is asked for, and silence the prompt', async () => {
    const scene = await early({ keepEarlierKeys: true }, ['1', '2'])
    expect(scene.answers).toEqual([])
    await scene.played(1)
    expect(scene.answers).toEqual([{ digits: '12', ended: 'digits' }])
    expect(scene.clears()).toBe(1)
  })

  test('count together with those that follow', async () => {
    const scene = await early({ keepEarlierKeys: true }, ['1'])
    await scene.played(1)
    expect(scene.clears()).toBe(1)
    await scene.press('2')
    expect(scene.answers).toEqual([{ digits: '12', ended: 'digits' }])
  })

  test('the key that ends a recording is no answer to a later question; another one, and one behind it, are', async () => {
    const answers: Answer[] = []
    const ends: string[] = []
    const scene = stage(async (call) => {
      ends.push((await call.record({ beep: false, finishKey: '#*' })).ended)
      await call.pause(1_000)
      answers.push(await call.gather({ say: 'Which?', digits: 3, keepEarlierKeys: true, timeoutMs: 1_000 }))
      await call.pause(3_600_000)
    })
    await scene.begin()
    await scene.settle()
    // Before the recording has begun it is a key as any other.
    await scene.press('*')
    await scene.played()
    await scene.press('4', '#', '7')
    await scene.settle()
    expect(ends).toEqual(['key'])
    await scene.passes(1_100)
    expect(answers).toEqual([{ digits: '*47', ended: 'digits' }])
  })

  test('keys that come in one go are shared between one question and the next, though the first has its answer', async () => {
    const answers: Answer[] = []
    const scene = stage(async (call) => {
      for (const text of ['First?', 'Second?'])
        answers.push(await call.gather({ say: text, digits: 1, keepEarlierKeys: true }))
      await call.pause(3_600_000)
    })
    await scene.begin()
    scene.call.key('1')
    scene.call.key('2')
    await scene.settle()
    expect(answers.map(({ digits }) => digits)).toEqual(['1', '2'])
  })

  test('a question of speech alone takes no keys from the next one', async () => {
    const answers: Answer[] = []
    const scene = stage(async (call) => {
      answers.push(await call.gather({ speech: ['keep'] }))
      answers.push(await call.gather({ say: 'Which?', digits: 1, keepEarlierKeys: true }))
      await call.pause(3_600_000)
    })
    await scene.begin()
    await scene.press('3')
    scene.hand.says('keep')
    await scene.settle()
    expect(answers).toMatchObject([{ speech: 'keep' }, { digits: '3' }])
  })

  test('what one question leaves over is the answer to the next, which is then not asked', async () => {
    const answers: Answer[] = []
    const scene = stage(async (call) => {
      await call.pause(1_000)
      for (const text of ['First?', 'Second?', 'Third?'])
        answers.push(await call.gather({ say: text, digits: 1, keepEarlierKeys: true }))
      await call.pause(3_600_000)
    })
    await scene.begin()
    await scene.press('1', '2')
    await scene.passes(1_100)
    expect(answers.map(({ digits }) => digits)).toEqual(['1', '2'])
    expect(scene.spoken.map(({ text }) => text)).toEqual(['Third?'])
  })
})

describe('a prompt that nothing silences', () => {
  test('is heard to its end, and keys before that are dropped', async () => {
    const scene = await asking({ say, digits: 1, bargeIn: false })
    scene.sound(1_000)
    await scene.press('1')
    expect(scene.clears()).toBe(0)
    await scene.hears()
    expect(scene.answers).toEqual([])
    await scene.press('2')
    expect(scene.answers).toEqual([{ digits: '2', ended: 'digits' }])
  })

  test('or count from its end on', async () => {
    const scene = await asking({ say, digits: 1, bargeIn: false, keepEarlierKeys: true })
    await scene.press('1')
    expect(scene.answers).toEqual([])
    await scene.hears()
    expect(scene.answers).toEqual([{ digits: '1', ended: 'digits' }])
    expect(scene.clears()).toBe(0)
  })
})

describe('speech', () => {
  const phrases = ['keep', 'move it']

  test('words before the end of a prompt that nothing silences are no answer', async () => {
    const scene = await asking({ say, speech: phrases, bargeIn: false })
    scene.sound(300)
    scene.hand.says('keep')
    await scene.hears()
    expect(scene.answers).toEqual([])
    scene.hand.says('move it')
    await scene.settle()
    expect(scene.answers).toEqual([{ speech: 'move it', ended: 'speech' }])
    expect(scene.clears()).toBe(0)
  })

  test('a phrase is the answer as it was given, whatever else was said around it', async () => {
    const scene = await asking({ say, speech: phrases })
    await scene.hears()
    scene.hand.says('Oh, please MOVE it!')
    await scene.settle()
    expect(scene.answers).toEqual([{ speech: 'move it', ended: 'speech' }])
  })

  test('any words are the answer where no phrases were given', async () => {
    const scene = await asking({ say, speech: true })
    await scene.hears()
    scene.hand.says('On Tuesday, if you can.')
    await scene.settle()
    expect(scene.answers).toEqual([{ speech: 'On Tuesday, if you can.', ended: 'speech' }])
  })

  test('words that are none of the phrases are nonsense, and are asked again in those words', async () => {
    const scene = await asking({ say, speech: phrases, again: { nonsense: 'Keep, or move it?' } })
    await scene.hears()
    scene.hand.says('What?')
    await scene.settle()
    expect(scene.spoken.map(({ text }) => text)).toEqual([say, 'Keep, or move it?'])
    scene.hand.says('keep')
    await scene.settle()
    expect(scene.answers).toEqual([{ speech: 'keep', ended: 'speech' }])
  })

  test('interim words that change are no answer; the end of them is', async () => {
    const scene = await asking({ say, speech: phrases })
    await scene.hears()
    scene.hand.interim('keep')
    scene.hand.interim('keep')
    await scene.passes(1_000)
    expect(scene.answers).toEqual([])
    scene.hand.interim('you can move it')
    scene.hand.hear({ type: 'utterance', text: 'You can move it.' })
    await scene.settle()
    expect(scene.answers).toEqual([{ speech: 'move it', ended: 'speech' }])
  })

  test('an end that is never told is three seconds without another word', async () => {
    const scene = await asking({ say, speech: phrases, timeoutMs: 1_000 })
    await scene.hears()
    scene.hand.hear({ type: 'started' }, { type: 'interim', text: 'mo' }, { type: 'final', text: 'Move' })
    await scene.passes(2_900)
    scene.hand.hear({ type: 'interim', text: 'it' })
    await scene.passes(2_900)
    expect(scene.answers).toEqual([])
    await scene.passes(200)
    expect(scene.answers).toEqual([{ speech: 'move it', ended: 'speech' }])
  })

  test('somebody who never stops talking is listened to for a minute', async () => {
    const scene = await asking({ say, speech: true })
    await scene.hears()
    for (let second = 0; second < 70; second++) {
      scene.hand.interim('and so on')
      await scene.passes(1_000)
    }
    expect(scene.answers).toEqual([{ speech: 'and so on', ended: 'speech' }])
  })

  test('noise without words holds the question open for a bounded time', async () => {
    const scene = await asking({ say, speech: true, timeoutMs: 5_000 })
    await scene.hears()
    await scene.passes(4_000)
    scene.hand.hear({ type: 'started' })
    await scene.passes(2_000)
    expect(scene.answers).toEqual([])
    for (let second = 0; second < 12; second++) {
      scene.hand.hear({ type: 'started' })
      await scene.passes(1_000)
    }
    expect(scene.answers).toEqual([{ ended: 'timeout' }])
  })

  test('keys and speech: keys win, being pressed on purpose', async () => {
    const scene = await asking({ say, digits: { max: 4 }, speech: phrases })
    await scene.hears()
    scene.hand.interim('kee')
    await scene.press('4')
    scene.hand.says('keep')
    await scene.press('2')
    await scene.passes(3_100)
    expect(scene.answers).toEqual([{ digits: '42', ended: 'pause' }])
  })

  test('the recognizer is opened with the phrases while the question is asked, and closed with the answer', async () => {
    const scene = await asking({ say, speech: phrases, attempts: 2 })
    expect(scene.hand.open).toBe(1)
    expect(scene.hand.sessions[0]?.options.phrases).toEqual(phrases)
    scene.call.audio('AAAA', 20)
    expect(scene.hand.sessions[0]?.payloads).toEqual(['AAAA'])
    await scene.hears()
    scene.hand.says('What?')
    await scene.settle()
    expect(scene.hand.sessions).toHaveLength(1)
    scene.hand.says('keep')
    await scene.settle()
    expect(scene.hand.open).toBe(0)
    expect(scene.call.attention.listening).toBe(false)
  })

  test('a question of keys opens none', async () => {
    const scene = await asking({ say, digits: 1 })
    expect(scene.hand.sessions).toEqual([])
    expect(scene.call.attention.listening).toBe(false)
  })
})

describe('a recognizer that fails', () => {
  test('in the middle of a sentence: keys go on to count, and the answer says so', async () => {
    const scene = await asking({ say, digits: 1, speech: true, timeoutMs: 5_000 })
    await scene.hears()
    scene.hand.interim('I would like')
    scene.hand.dies()
    await scene.passes(4_900)
    expect(scene.answers).toEqual([])
    await scene.press('2')
    expect(scene.answers).toEqual([{ digits: '2', ended: 'digits', deaf: true }])
    expect(scene.call.events.filter(({ type }) => type === 'trouble')).toMatchObject([
      { error: { code: 'hearing.lost' } },
    ])
    expect(scene.hand.open).toBe(0)
  })

  test('a phrase that it had heard before is the answer', async () => {
    const scene = await asking({ say, speech: ['keep', 'move'] })
    await scene.hears()
    scene.hand.interim('keep')
    scene.hand.dies()
    await scene.settle()
    expect(scene.answers).toEqual([{ speech: 'keep', ended: 'speech', deaf: true }])
  })

  test('a question of speech alone ends as deaf once its prompt was heard, and is not asked again', async () => {
    const scene = await asking({ say, speech: true, attempts: 3 })
    scene.hand.dies()
    await scene.settle()
    expect(scene.answers).toEqual([])
    await scene.hears()
    expect(scene.answers).toEqual([{ ended: 'deaf', deaf: true }])
    expect(scene.spoken).toHaveLength(1)
  })

  test('at once: the same', async () => {
    const scene = stage(async (call) => {
      await call.gather({ say, digits: 1, speech: true })
      await call.pause(3_600_000)
    })
    scene.hand.failsAtOnce()
    await scene.begin()
    await scene.hears()
    await scene.press('1')
    expect(scene.hand.open).toBe(0)
  })

  test('without a recognizer a question of speech alone is not asked at all', async () => {
    const scene = await asking({ say, speech: true }, { deaf: true })
    expect(scene.answers).toEqual([{ ended: 'deaf', deaf: true }])
    expect(scene.spoken).toEqual([])
  })

  test('without a recognizer a question of both is one of keys', async () => {
    const scene = await asking({ say, digits: 1, speech: true }, { deaf: true })
    await scene.hears()
    await scene.press('1')
    expect(scene.answers).toEqual([{ digits: '1', ended: 'digits', deaf: true }])
  })
})

describe('a question that is given up', () => {
  async function givenUp(options: GatherOptions, at: 'before' | 'in its prompt' | 'behind its prompt') {
    const wish = new AbortController()
    const told: unknown[] = []
    const scene = stage(async (call) => {
      if (at === 'before') wish.abort(new Error('given up'))
      told.push(await call.gather({ ...options, signal: wish.signal }).catch((thrown: unknown) => thrown))
      told.push(await call.gather({ digits: 1 }))
      await call.pause(3_600_000)
    })
    await scene.begin()
    if (at === 'in its prompt') scene.sound(1_000)
    if (at === 'behind its prompt') await scene.hears()
    wish.abort(new Error('given up'))
    await scene.settle()
    return { scene, told }
  }

  test.each([
    ['before', 0],
    ['in its prompt', 1],
    ['behind its prompt', 0],
  ] as const)(
    '%s: it rejects with the reason, what plays of it is cleared, and the next one is asked',
    async (at, clears) => {
      const { scene, told } = await givenUp({ say: 'Keep?', digits: 1, speech: ['keep'], attempts: 3 }, at)
      expect(told).toMatchObject([{ message: 'given up' }])
      expect(scene.clears()).toBe(clears)
      expect(scene.hand.open).toBe(0)
      expect(scene.spoken).toHaveLength(at === 'before' ? 0 : 1)
      await scene.press('4')
      expect(told[1]).toEqual({ digits: '4', ended: 'digits' })
    },
  )
})

describe('choices', () => {
  test('are keys, also where speech is asked for without a word of digits', async () => {
    const scene = await asking({ speech: ['keep'], choices: ['1', '2'] })
    await scene.press('2')
    expect(scene.answers).toEqual([{ digits: '2', ended: 'digits' }])
  })

  test('may be of different lengths: a shorter one counts when nothing follows', async () => {
    for (const [keys, answer] of [
      [['1', '2'], { digits: '12', ended: 'digits' }],
      [['1'], { digits: '1', ended: 'pause' }],
      [['2', '1'], { ended: 'nonsense' }],
    ] as const) {
      const scene = await asking({ choices: ['1', '12'] })
      await scene.press(...keys)
      await scene.passes(3_100)
      expect(scene.answers).toEqual([answer])
    }
  })
})

describe('asking for ever', () => {
  test('twenty prompts in a row that nothing answers end the call as idle', async () => {
    let prompts = 0
    const scene = stage(async (call) => {
      for (;;) {
        prompts++
        await call.gather({ digits: 1, timeoutMs: 1_000 })
      }
    })
    await scene.begin()
    await scene.passes(60_000)
    expect(prompts).toBe(20)
    expect(await scene.clock.runUntil(scene.call.outcome)).toMatchObject({
      reason: 'idle',
      error: { code: 'call.idle' },
    })
  })

  test('fifty in a row that get nonsense, or nothing, end it too: a radio answers for ever', async () => {
    let prompts = 0
    const scene = stage(async (call) => {
      for (;;) {
        prompts++
        await call.gather({ speech: ['keep'], digits: 1, choices: ['1'] })
      }
    })
    await scene.begin()
    for (let times = 0; times < 49; times++) {
      if (times % 2 === 0) scene.hand.says('and now the weather')
      else await scene.press('7')
      await scene.settle()
    }
    expect(scene.call.signal.aborted).toBe(false)
    scene.hand.says('and now the weather')
    await scene.settle()
    expect(prompts).toBe(50)
    expect(await scene.clock.runUntil(scene.call.outcome)).toMatchObject({
      reason: 'idle',
      error: { code: 'call.idle', details: { prompts: 50 } },
    })
  })

  test('an answer begins that count anew', async () => {
    const scene = stage(async (call) => {
      for (;;) await call.gather({ choices: ['1'] })
    })
    await scene.begin()
    for (let times = 0; times < 99; times++) await scene.press(times === 49 ? '1' : '7')
    expect(scene.call.signal.aborted).toBe(false)
  })

  test('any key begins the count anew', async () => {
    let prompts = 0
    const scene = stage(async (call) => {
      for (;;) {
        prompts++
        await call.gather({ speech: true, timeoutMs: 1_000 })
      }
    })
    await scene.begin()
    for (let times = 0; times < 3; times++) {
      await scene.passes(15_000)
      await scene.press('1')
    }
    expect(prompts).toBeGreaterThan(40)
    expect(scene.call.signal.aborted).toBe(false)
  })
})

describe('options that make no sense', () => {
  test.each<[string, GatherOptions]>([
    ['no keys', { digits: 0 }],
    ['half a key', { digits: 1.5 }],
    ['more at least than at most', { digits: { min: 3, max: 2 } }],
    ['a finish key of two', { finishKey: '##' }],
    ['a finish key of no keys', { speech: true, finishKey: '#' }],
    ['no phrases', { speech: [] }],
    ['no choices', { choices: [] }],
    ['a choice that is no key', { choices: ['1', 'yes'] }],
    ['a time that has passed', { timeoutMs: -1 }],
    ['a time that is none', { betweenKeysMs: Number.NaN }],
    ['no attempts', { attempts: 0 }],
    ['attempts without end', { attempts: Number.POSITIVE_INFINITY }],
  ])('%s: the gather rejects with what was expected', async (_what, options) => {
    const scene = await asking(options)
    expect(scene.answers).toMatchObject([{ thrown: { code: 'flow.failed' } }])
  })

  test('a second question while one waits for its answer', async () => {
    const scene = stage(async (call) => {
      void call.gather({ digits: 1 })
      await call.gather({ digits: 1 })
    })
    await scene.begin()
    expect(scene.call.signal.aborted).toBe(true)
    await scene.hears()
    expect(await scene.clock.runUntil(scene.call.outcome)).toMatchObject({
      reason: 'flow-failed',
      error: { code: 'flow.failed' },
    })
  })
})
