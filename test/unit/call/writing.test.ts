import { describe, expect, test } from 'vitest'
import { BridgeError } from '../../../src/errors.ts'
import { audio, stage } from './speaker-stage.ts'

/** A writer that a test plays by hand. */
function handWriter() {
  const written: IteratorResult<unknown>[] = []
  const counts = { asked: 0, returned: 0 }
  let wake: (() => void) | undefined
  const failures: unknown[] = []
  const writer = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        counts.asked++
        while (written.length === 0 && failures.length === 0)
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        const next = written.shift()
        if (!next) throw failures[0]
        return next
      },
      async return() {
        counts.returned++
        return { done: true, value: undefined }
      },
    }),
  } as AsyncIterable<string>
  const wakeUp = () => wake?.()
  return {
    writer,
    counts,
    write: (...texts: readonly unknown[]) => {
      for (const value of texts) written.push({ done: false, value })
      wakeUp()
    },
    end: () => {
      written.push({ done: true, value: undefined })
      wakeUp()
    },
    fail: (error: unknown) => {
      failures.push(error)
      wakeUp()
    },
  }
}

type Stage = ReturnType<typeof stage>

const pushed = ({ spoken }: Stage) => spoken.map((one) => one.pushed.join('|'))

/** Speaks a sentence of the session, and has it heard. */
function speak(on: Stage, index: number, ms = 500): void {
  on.spoken[index]?.sink.audio(audio(ms), ms * 8)
  on.spoken[index]?.sink.ended({ kind: 'done' })
  for (const name of on.marks()) on.speaker.echoed(name)
}

/** Lets everything that was set off come to rest, without time passing. */
const rest = ({ clock }: Stage) => clock.advance(0)

describe('a text that is still being written', () => {
  test('goes to the session by sentences, each as soon as it is whole; it is heard when its end was written', async () => {
    const on = stage()
    const { writer, write, end, counts } = handWriter()
    const saying = on.speaker.say(writer)
    write('Hello there. ', 'How ')
    await rest(on)
    expect(pushed(on)).toEqual(['Hello there. '])
    expect(on.spoken[0]?.ended).toBe(true)
    speak(on, 0)
    write('are you?')
    end()
    await rest(on)
    expect(pushed(on)).toEqual(['Hello there. ', 'How are you?'])
    let heard = false
    void saying.then(() => {
      heard = true
    })
    await rest(on)
    expect(heard).toBe(false)
    speak(on, 1)
    expect(await saying).toEqual({ end: 'heard', heardMs: 1000, sentMs: 1000, heardText: 'Hello there. How are you?' })
    expect(counts.returned).toBe(0)
  })

  test('the end of each sentence has its mark, so that what was heard is known while the writer writes on', async () => {
    const on = stage()
    const { writer, write } = handWriter()
    void on.speaker.say(writer)
    write('Hello there. ', 'How ')
    await rest(on)
    speak(on, 0, 100)
    expect(on.speaker.account().heardMs).toBe(100)
    expect(on.speaker.account().heardText).toBe('Hello there.')
  })

  test('what is said behind it waits for it', async () => {
    const on = stage()
    const { writer, write, end } = handWriter()
    void on.speaker.say(writer)
    const second = on.speaker.say('The second.')
    await rest(on)
    expect(pushed(on)).toEqual([])
    write('The first.')
    end()
    await rest(on)
    expect(pushed(on)).toEqual(['The first.', 'The second.'])
    speak(on, 0)
    speak(on, 1)
    expect(await second).toMatchObject({ end: 'heard' })
    await on.speaker.drained()
    expect(on.speaker.account().whole).toBe(true)
  })

  test('that ends without a word is heard at once', async () => {
    const on = stage()
    const { writer, write, end } = handWriter()
    const saying = on.speaker.say(writer)
    write('', ' ', '\n')
    end()
    expect(await saying).toEqual({ end: 'heard', heardMs: 0, sentMs: 0, heardText: '' })
    expect(on.spoken).toEqual([])
  })

  test('may be a plain list of words', async () => {
    const on = stage()
    const saying = on.speaker.say(['Hel', 'lo. ', 'Bye.'])
    await rest(on)
    expect(pushed(on)).toEqual(['Hello. ', 'Bye.'])
    speak(on, 0)
    speak(on, 1)
    expect(await saying).toMatchObject({ end: 'heard', heardText: 'Hello. Bye.' })
  })
})

describe('when the writer pauses', () => {
  test('a finished sentence goes after 400 ms, whatever may follow', async () => {
    const on = stage()
    const { writer, write } = handWriter()
    void on.speaker.say(writer)
    write('Hello there.')
    await on.clock.advance(399)
    expect(pushed(on)).toEqual([])
    await on.clock.advance(1)
    expect(pushed(on)).toEqual(['Hello there.'])
  })

  test('half a sentence waits for its end while the callee hears something, and no longer', async () => {
    const on = stage()
    const { writer, write } = handWriter()
    void on.speaker.say(writer)
    write('Hello there. ', 'Let me see')
    await rest(on)
    on.spoken[0]?.sink.audio(audio(5000), 40_000)
    on.spoken[0]?.sink.ended({ kind: 'done' })
    await on.clock.advance(5000)
    expect(pushed(on)).toEqual(['Hello there. '])
    for (const name of on.marks()) on.speaker.echoed(name)
    await on.clock.advance(400)
    expect(pushed(on)).toEqual(['Hello there. ', 'Let me see'])
  })

  test('a writer that is kept waiting does not pause', async () => {
    const on = stage({ estimateMs: 60_000 })
    const sentence = ['He said: "Stop! ', 'Go now." ']
    void on.speaker.say(Array.from({ length: 300 }, () => sentence).flat())
    // Now the first half stands there, which would do for a sentence.
    await on.clock.advance(2_000)
    for (let index = 0; index < 290; index++) speak(on, index, 60_000)
    await on.clock.advance(2_000)
    expect(pushed(on).length).toBeGreaterThan(50)
    expect(new Set(pushed(on))).toEqual(new Set([sentence.join('')]))
  })
})

describe('a writer', () => {
  test('is read 2,000 characters ahead of what the session was given, and goes on when there is room', async () => {
    const on = stage({ estimateMs: 30_000 })
    const { writer, write, counts } = handWriter()
    void on.speaker.say(writer)
    const sentence =
      'This sentence has one hundred characters, so that it can be counted, and it is one of so very many. '
    expect(sentence).toHaveLength(100)
    write(...Array.from({ length: 200 }, () => sentence))
    await rest(on)
    // Four sentences are two minutes of sound; 21 wait, one is in the hand, one in the window.
    expect(pushed(on)).toHaveLength(4)
    expect(counts.asked).toBeGreaterThan(20)
    expect(counts.asked).toBeLessThan(30)
    const before = counts.asked
    speak(on, 0, 30_000)
    await rest(on)
    expect(counts.asked).toBe(before + 1)
  })

  test('that writes without end, and without ever waiting, leaves time to others', async () => {
    const on = stage()
    const forever = {
      *[Symbol.iterator]() {
        for (;;) yield ' '
      },
    }
    const saying = on.speaker.say(forever)
    await on.clock.advance(50)
    saying.interrupt()
    expect(await saying).toMatchObject({ end: 'interrupted', sentMs: 0 })
  })

  test('that fails: its last whole sentence is heard, then say rejects with the cause', async () => {
    const on = stage()
    const { writer, write, fail, counts } = handWriter()
    const saying = on.speaker.say(writer)
    write('This is whole. ', 'It ends in 2026. ', 'This is not')
    const cause = new Error('overloaded')
    fail(cause)
    await rest(on)
    expect(pushed(on)).toEqual(['This is whole. ', 'It ends in 2026. '])
    let failed = false
    saying.catch(() => {
      failed = true
    })
    await rest(on)
    expect(failed).toBe(false)
    speak(on, 0)
    speak(on, 1)
    await expect(saying).rejects.toMatchObject({ code: 'flow.failed', cause })
    expect(on.speaker.account().heardText).toBe('This is whole. It ends in 2026.')
    expect(counts.returned).toBe(0)
  })

  test('that fails behind a number has ended its sentence there', async () => {
    const on = stage()
    const { writer, write, fail } = handWriter()
    void on.speaker.say(writer)
    write('It ends in 2026.')
    fail(new Error('x'))
    await rest(on)
    expect(pushed(on)).toEqual(['It ends in 2026. '])
  })

  test('that fails before its first word fails the utterance at once', async () => {
    const on = stage()
    const { writer, fail } = handWriter()
    const saying = on.speaker.say(writer)
    fail(new Error('refused'))
    await expect(saying).rejects.toMatchObject({ code: 'flow.failed' })
    const broken = {
      [Symbol.asyncIterator]: (): never => {
        throw new Error('no iterator')
      },
    }
    await expect(on.speaker.say(broken)).rejects.toMatchObject({ code: 'flow.failed' })
  })

  test.each([[42], [null], [undefined], [{}], [Buffer.from('x')]])(
    'that writes no text but %j fails, and is told to stop',
    async (odd) => {
      const on = stage()
      const { writer, write, counts } = handWriter()
      const saying = on.speaker.say(writer)
      write('Whole. ', odd, 'never read')
      await rest(on)
      speak(on, 0)
      await expect(saying).rejects.toMatchObject({ code: 'flow.failed' })
      expect(counts).toEqual({ asked: 2, returned: 1 })
    },
  )

  test('of a huge text at once is read as it is spoken', async () => {
    const on = stage({ estimateMs: 60_000 })
    const saying = on.speaker.say(['Once upon a time there was a sentence. '.repeat(50_000)])
    await rest(on)
    expect(on.spoken).toHaveLength(2)
    saying.interrupt()
    expect(await saying).toMatchObject({ end: 'interrupted' })
  })

  test.each([
    ['an interruption', ({ speaker }: Stage) => speaker.interrupt()],
    ['the end of the call', ({ speaker }: Stage) => speaker.stop(new BridgeError('call.ended', 'Over.'))],
    [
      'a failure of the speech service',
      ({ spoken }: Stage) => spoken[0]?.sink.ended({ kind: 'failed', error: new BridgeError('speech.lost', 'Cut.') }),
    ],
  ])('is told to stop, at once and once, by %s; what it still writes is ignored', async (_, stop) => {
    const on = stage()
    const { writer, write, counts } = handWriter()
    const saying = on.speaker.say(writer)
    write('Hello there. ', 'How ')
    await rest(on)
    stop(on)
    expect(counts.returned).toBe(1)
    on.speaker.interrupt()
    on.speaker.stop(new BridgeError('call.ended', 'Over.'))
    write('are you? ', 'Fine. ')
    await on.clock.advance(2000)
    await Promise.allSettled([saying])
    expect(pushed(on)).toEqual(['Hello there. '])
    expect(counts).toEqual({ asked: 3, returned: 1 })
  })

  test('that cannot be told to stop, or fails when it is, harms nobody', async () => {
    const on = stage()
    const writers = [
      { next: () => new Promise<never>(() => {}) },
      {
        next: () => new Promise<never>(() => {}),
        return: () => {
          throw new Error('no')
        },
      },
      { next: () => new Promise<never>(() => {}), return: () => Promise.reject(new Error('no')) },
    ]
    const sayings = writers.map((iterator) => on.speaker.say({ [Symbol.asyncIterator]: () => iterator }))
    await rest(on)
    on.speaker.interrupt()
    for (const saying of sayings) expect(await saying).toMatchObject({ end: 'interrupted' })
    await rest(on)
  })

  test('of a text said after the end of the call is told to stop before it began', async () => {
    const on = stage()
    on.speaker.stop(new BridgeError('call.ended', 'Over.'))
    const { writer, counts } = handWriter()
    await expect(on.speaker.say(writer)).rejects.toMatchObject({ code: 'call.ended' })
    await rest(on)
    expect(counts).toEqual({ asked: 0, returned: 1 })
  })
})

describe('by token', () => {
  test('words go to the session as they are written, and the utterance of a sentence ends with it', async () => {
    const on = stage({ partialText: true })
    const { writer, write, end } = handWriter()
    const saying = on.speaker.say(writer, { by: 'token' })
    write('Hel', 'lo ')
    await rest(on)
    expect(pushed(on)).toEqual(['Hello '])
    expect(on.spoken[0]?.ended).toBe(false)
    write('there. ', 'How ')
    await rest(on)
    expect(pushed(on)).toEqual(['Hello |there. ', 'How '])
    expect(on.spoken.map((one) => one.ended)).toEqual([true, false])
    write('are ', 'you?')
    end()
    await rest(on)
    expect(pushed(on)).toEqual(['Hello |there. ', 'How |are |you?'])
    speak(on, 0)
    speak(on, 1)
    expect(await saying).toMatchObject({ end: 'heard', heardText: 'Hello there. How are you?' })
  })

  test('a service that does not take words is given sentences', async () => {
    const on = stage({ partialText: false })
    const { writer, write } = handWriter()
    void on.speaker.say(writer, { by: 'token' })
    write('Hello ', 'there. ', 'How ')
    await rest(on)
    expect(pushed(on)).toEqual(['Hello there. '])
  })

  test('when the writer pauses and nothing is heard, the words that were given are spoken', async () => {
    const on = stage({ partialText: true })
    const { writer, write, end } = handWriter()
    const saying = on.speaker.say(writer, { by: 'token' })
    write('Let me ', 'see')
    await on.clock.advance(400)
    expect(pushed(on)).toEqual(['Let me |see'])
    expect(on.spoken[0]?.ended).toBe(true)
    speak(on, 0)
    write(' now.')
    end()
    await rest(on)
    speak(on, 1)
    expect(await saying).toMatchObject({ end: 'heard', heardText: 'Let me see now.' })
  })

  test('when the writer fails, the words that were given are heard', async () => {
    const on = stage({ partialText: true })
    const { writer, write, fail } = handWriter()
    const saying = on.speaker.say(writer, { by: 'token' })
    write('Let me ', 'see')
    await rest(on)
    fail(new Error('x'))
    await rest(on)
    expect(on.spoken[0]?.ended).toBe(true)
    speak(on, 0)
    await expect(saying).rejects.toMatchObject({ code: 'flow.failed' })
    expect(pushed(on)).toEqual(['Let me '])
  })
})
