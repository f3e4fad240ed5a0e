import { describe, expect, test } from 'vitest'
import { BridgeError } from '../../../src/errors.ts'
import type { Call, Flow } from '../../../src/flows/flow.ts'
import { stage } from './dialogue-stage.ts'

describe('a flow and the end of its call', () => {
  test.each<[string, (call: Call) => Promise<unknown>]>([
    ['say', async (call) => call.say('Hello.')],
    ['gather', (call) => call.gather({ say: 'Well?', speech: true })],
    ['gather of keys', (call) => call.gather({ digits: 3 })],
    ['pause', (call) => call.pause(10_000)],
  ])('what it awaits (%s) rejects with the one error, its finally blocks run, and nothing is left', async (_, wait) => {
    const told: unknown[] = []
    const scene = stage(async (call) => {
      try {
        await wait(call)
      } catch (thrown) {
        told.push(thrown)
        throw thrown
      } finally {
        // Whatever is awaited here, it is over at once too.
        await call.say('Goodbye.').catch((thrown: unknown) => told.push(thrown))
        await call.pause(1).catch((thrown: unknown) => told.push(thrown))
      }
    })
    await scene.begin()
    scene.call.streamGone('callee-hung-up')
    await scene.over
    expect(told).toMatchObject([{ code: 'call.ended' }, { code: 'call.ended' }, { code: 'call.ended' }])
    expect(await scene.clock.runUntil(scene.call.outcome)).toMatchObject({ reason: 'callee-hung-up', error: null })
    expect(scene.hand.open).toBe(0)
    expect(scene.call.attention.listening).toBe(false)
    expect(scene.clock.timers).toBe(0)
  })

  test('one that awaits nothing of its call any more is given up after five seconds', async () => {
    const scene = stage(async () => new Promise<never>(() => {}))
    let over = false
    void scene.over.then(() => {
      over = true
    })
    await scene.begin()
    scene.call.streamGone('callee-hung-up')
    await scene.passes(4_900)
    expect(over).toBe(false)
    await scene.passes(200)
    expect(over).toBe(true)
  })

  test.each<[string, (call: Call) => Promise<unknown>]>([
    ['say', async (call) => call.say('Hello.')],
    ['gather', (call) => call.gather({ digits: 1 })],
    ['pause', (call) => call.pause(1)],
  ])('one that goes round and round (%s) comes to rest', async (_, wait) => {
    let rounds = 0
    const scene = stage(async (call) => {
      for (;;) {
        rounds++
        await wait(call).catch(() => {})
      }
    })
    await scene.begin()
    const before = rounds
    scene.call.streamGone('callee-hung-up')
    await scene.passes(6_000)
    await scene.over
    expect(rounds - before).toBeGreaterThan(50)
    expect(rounds - before).toBeLessThan(200)
  })

  test('hangup ends the call at once, whatever is being said', async () => {
    const scene = stage(async (call) => {
      void call.say('A long story.')
      await call.hangup()
      await call.say('Never said.')
    })
    await scene.begin()
    expect(scene.closed).toBe(true)
    expect(await scene.clock.runUntil(scene.call.outcome)).toMatchObject({ reason: 'completed', status: 'unheard' })
    expect(scene.spoken.map(({ text }) => text)).toEqual(['A long story.'])
  })

  test('what a flow knows of its call: who called whom, with what, and when it is over', async () => {
    const known: unknown[] = []
    const scene = stage(async ({ direction, parameters, signal }) => {
      known.push(direction, parameters, signal.aborted)
      signal.addEventListener('abort', () => known.push('over'))
    })
    await scene.begin()
    expect(known).toEqual(['inbound', { name: 'Ada' }, false, 'over'])
  })
})

describe('a flow that throws', () => {
  const failing: Flow = async (call) => {
    void call.say('Half of a sentence that')
    await call.pause(1_000)
    throw new Error('no such customer')
  }
  const outcome = {
    reason: 'flow-failed',
    error: {
      code: 'flow.failed',
      message: 'The flow threw: no such customer',
      details: { place: expect.stringMatching(/^conduct\.test\.ts:\d+$/) },
    },
  }

  test('the callee hears a sentence, which is none of what was said, and the outcome has the error', async () => {
    const scene = stage(failing)
    await scene.begin()
    scene.sound(300)
    await scene.passes(1_100)
    expect(scene.spoken.map(({ text }) => text)).toEqual(['Half of a sentence that', 'Sorry.'])
    expect(scene.clears()).toBe(1)
    expect(scene.closed).toBe(false)
    await scene.hears(700)
    expect(scene.closed).toBe(true)
    expect(await scene.clock.runUntil(scene.call.outcome)).toMatchObject({ ...outcome, heardMs: 0, sentMs: 300 })
    expect(scene.clock.timers).toBe(0)
  })

  test('what it asked for and cannot have is told with its line too', async () => {
    for (const ask of [(call: Call) => call.gather({ digits: 0 }), async (call: Call) => call.press('x')]) {
      const scene = stage(async (call) => void (await ask(call)))
      await scene.begin()
      await scene.hears()
      const { error } = await scene.clock.runUntil(scene.call.outcome)
      expect(error).toMatchObject({
        code: 'flow.failed',
        details: { place: expect.stringMatching(/^conduct\.test\.ts:\d+$/) },
      })
    }
  })

  test('the flow awaits nothing more: the call is over for it', async () => {
    const late: unknown[] = []
    const scene = stage(async (call) => {
      call.on('key', () => {
        throw new Error('no such menu')
      })
      await call.pause(60_000).catch((thrown: unknown) => late.push(thrown))
    })
    await scene.begin()
    await scene.press('1')
    expect(late).toMatchObject([{ code: 'call.ended' }])
    await scene.hears()
    const error = { code: 'flow.failed', message: 'The flow threw: no such menu' }
    expect(await scene.clock.runUntil(scene.call.outcome)).toMatchObject({ reason: 'flow-failed', error })
  })

  test('who hangs up meanwhile changes nothing of the outcome', async () => {
    const scene = stage(failing)
    await scene.begin()
    await scene.passes(1_100)
    scene.call.streamGone('callee-hung-up')
    expect(await scene.clock.runUntil(scene.call.outcome)).toMatchObject(outcome)
    expect(scene.clock.timers).toBe(0)
  })

  test('a voice that fails too: Twilio says the sentence', async () => {
    const scene = stage(failing)
    await scene.begin()
    await scene.passes(1_100)
    scene.spoken.at(-1)?.sink.ended({ kind: 'failed', error: new BridgeError('speech.lost', 'cut') })
    await scene.settle()
    expect(scene.closed).toBe(true)
    let told = false
    void scene.call.outcome.then(() => {
      told = true
    })
    await scene.passes(9_000)
    expect(scene.call.partForTwilio(0)).toEqual(['Sorry.'])
    // Longer than we would have taken ourselves.
    await scene.passes(9_000)
    expect(told).toBe(false)
    expect(scene.call.partForTwilio(1)).toBeUndefined()
    expect(await scene.clock.runUntil(scene.call.outcome)).toMatchObject(outcome)
    expect(scene.clock.timers).toBe(0)
  })

  test('a voice that says nothing more: the call ends in a bounded time', async () => {
    const scene = stage(failing)
    await scene.begin()
    await scene.passes(1_100)
    await scene.passes(14_800)
    expect(scene.closed).toBe(false)
    await scene.passes(300)
    expect(scene.closed).toBe(true)
    expect(await scene.clock.runUntil(scene.call.outcome)).toMatchObject(outcome)
  })

  test('a server that stops leaves its last words to nobody', async () => {
    const scene = stage((call) => call.pause(60_000))
    await scene.begin()
    scene.call.lastWords('We have to stop.', 10_000)
    scene.spoken.at(-1)?.sink.ended({ kind: 'failed', error: new BridgeError('speech.lost', 'cut') })
    await scene.settle()
    expect(scene.call.partForTwilio(0)).toBeUndefined()
    expect(await scene.clock.runUntil(scene.call.outcome)).toMatchObject({ reason: 'server-stopped', error: null })
  })

  test('a listener that rejects is a flow that throws', async () => {
    const scene = stage(async (call) => {
      call.on('interrupted', async () => Promise.reject(new Error('later')))
      await call.say('Hello.', { bargeIn: 'keys' })
      await call.pause(60_000)
    })
    await scene.begin()
    await scene.press('1')
    await scene.hears()
    expect(await scene.clock.runUntil(scene.call.outcome)).toMatchObject({ reason: 'flow-failed' })
  })
})

describe('listeners', () => {
  test('are told keys and what was said to its end, until they leave; who listens to speech opens the recognizer', async () => {
    const told: string[] = []
    let leave = () => {}
    const scene = stage(async (call) => {
      call.on('key', (digit) => told.push(digit))
      leave = call.on('speech', (text) => told.push(text))
      await call.pause(3_600_000)
    })
    await scene.begin()
    expect(scene.hand.open).toBe(1)
    let signs = 0
    scene.call.watch(({ type }) => void (type === 'speech' && signs++))
    await scene.press('4', '#')
    scene.hand.interim('Hel')
    scene.hand.interim('Hello')
    await scene.passes(1_500)
    scene.hand.says('Hello there.')
    leave()
    expect(scene.hand.open).toBe(0)
    scene.hand.says('Anybody?')
    expect(told).toEqual(['4', '#', 'Hello there.'])
    // A sign of life, without the words: once a second, and of many the latest is kept.
    expect(signs).toBe(2)
    expect(scene.call.events.filter(({ type }) => type === 'speech')).toHaveLength(1)
  })

  test('whoever listens to speech opens one session, which is closed with the last to leave, or with the call', async () => {
    const told: string[] = []
    const leave: (() => void)[] = []
    const scene = stage(async (call) => {
      const listen = (text: string) => told.push(text)
      // The same function twice: it leaves once for each time.
      for (let times = 0; times < 2; times++) leave.push(call.on('speech', listen))
      await call.pause(3_600_000)
    })
    await scene.begin()
    expect(scene.hand.sessions).toHaveLength(1)
    leave[0]?.()
    leave[0]?.()
    scene.hand.says('one')
    expect([told, scene.hand.open]).toEqual([['one'], 1])
    scene.call.end('completed')
    expect(scene.hand.open).toBe(0)
    leave[1]?.()
    scene.hand.says('two')
    expect(told).toEqual(['one'])
  })

  test('after the end of the call nobody listens', async () => {
    let open = Number.NaN
    const scene = stage(async (call) => {
      try {
        await call.pause(3_600_000)
      } finally {
        call.on('speech', () => {})
        open = scene.hand.sessions.length
      }
    })
    await scene.begin()
    scene.call.end('callee-hung-up')
    await scene.settle()
    expect(open).toBe(0)
  })

  test('a recognizer that fails leaves them with a word in the timeline, and who listens next tries another one', async () => {
    const told: string[] = []
    const scene = stage(async (call) => {
      call.on('speech', (text) => told.push(text))
      await call.pause(1_000)
      call.on('speech', (text) => told.push(text))
      await call.pause(3_600_000)
    })
    await scene.begin()
    scene.hand.dies()
    expect(scene.hand.open).toBe(0)
    expect(scene.call.events.map(({ type }) => type)).toContain('trouble')
    await scene.passes(1_100)
    expect(scene.hand.open).toBe(1)
    scene.hand.says('again')
    expect(told).toEqual(['again', 'again'])
  })

  test('without a recognizer listening to speech is a fault of the flow, which says what to set; keys are told all the same', async () => {
    const told: unknown[] = []
    const scene = stage(
      async (call) => {
        call.on('key', (digit) => told.push(digit))
        await call.pause(1_000)
        told.push(call.hears)
        call.on('speech', () => {})
      },
      { deaf: true },
    )
    await scene.begin()
    await scene.press('4')
    await scene.passes(1_100)
    expect(told).toEqual(['4', false])
    await scene.hears()
    const { reason, error } = await scene.clock.runUntil(scene.call.outcome)
    expect([reason, error?.code, error?.retryable]).toEqual(['flow-failed', 'hearing.unavailable', false])
    expect(error?.message).toContain('HEARING_PROVIDER')
  })

  test('a question with phrases of its own listens beside them; what the callee says is told to onlookers once', async () => {
    const told: string[] = []
    const scene = stage(async (call) => {
      call.on('speech', (text) => told.push(text))
      told.push((await call.gather({ speech: ['keep'] })).speech ?? '')
      await call.pause(3_600_000)
    })
    scene.call.watchWords(({ text }) => told.push(`shown ${text}`))
    await scene.begin()
    expect(scene.hand.open).toBe(2)
    scene.hand.says('keep it')
    await scene.settle()
    scene.hand.says('thank you')
    expect(told.toSorted()).toEqual(['keep', 'keep it', 'shown keep it', 'shown thank you', 'thank you'])
  })

  test('who listens while a question is asked shares its recognizer', async () => {
    const told: string[] = []
    const scene = stage(async (call) => {
      const asked = call.gather({ speech: ['keep'] })
      call.on('speech', (text) => told.push(text))
      told.push((await asked).speech ?? '')
      await call.pause(3_600_000)
    })
    await scene.begin()
    expect(scene.hand.open).toBe(1)
    scene.hand.says('keep it')
    await scene.settle()
    expect(told.toSorted()).toEqual(['keep', 'keep it'])
    expect(scene.hand.open).toBe(1)
  })
})
