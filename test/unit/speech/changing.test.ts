import { describe, expect, test } from 'vitest'
import { BridgeError } from '../../../src/errors.ts'
import { createSteppedClock } from '../../../src/simulator/clock.ts'
import { openChanging, type TakenVoice } from '../../../src/speech/changing.ts'
import type {
  SpeechCapabilities,
  SpeechEnd,
  SpeechProvider,
  SpeechSink,
  VoiceChoice,
} from '../../../src/speech/provider.ts'

interface HandUtterance {
  readonly sink: SpeechSink
  readonly pushed: string[]
  inputEnded: boolean
  over: boolean
}

const simple: SpeechCapabilities = { languages: ['en', 'de'], markup: true }
const versatile: SpeechCapabilities = { ...simple, voiceIds: /^[a-z]+$/, speeds: { min: 0.5, max: 2 } }

/** A provider whose sessions a test plays by hand. */
function handProvider(capabilities: SpeechCapabilities) {
  const sessions: {
    readonly choice: VoiceChoice | undefined
    readonly spoken: HandUtterance[]
    readonly ready: () => void
    readonly refuse: (error: BridgeError) => void
    closed: number
  }[] = []
  const provider: SpeechProvider = {
    name: 'hand',
    capabilities,
    open({ voice }) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      promise.catch(() => {})
      const spoken: HandUtterance[] = []
      const session = { choice: voice, spoken, ready: resolve, refuse: reject, closed: 0 }
      sessions.push(session)
      return {
        ready: promise,
        speak(sink) {
          const one: HandUtterance = { sink, pushed: [], inputEnded: false, over: false }
          spoken.push(one)
          return {
            push: (text) => void one.pushed.push(text),
            end: () => {
              one.inputEnded = true
            },
            cancel: () => endOf(one, { kind: 'cancelled' }),
          }
        },
        async close() {
          session.closed++
          reject(new BridgeError('call.ended', 'Closed.'))
          for (const one of spoken) endOf(one, { kind: 'cancelled' })
        },
      }
    },
  }
  return { provider, sessions }
}

function endOf(one: HandUtterance | undefined, end: SpeechEnd): void {
  if (!one || one.over) return
  one.over = true
  one.sink.ended(end)
}

const done: SpeechEnd = { kind: 'done' }

function stage(capabilities: SpeechCapabilities = versatile) {
  const clock = createSteppedClock()
  const { provider, sessions } = handProvider(capabilities)
  const controller = new AbortController()
  const changing = openChanging(provider, { signal: controller.signal, voice: { voice: 'anna' } }, clock)
  sessions[0]?.ready()
  /** What was passed on, in order. */
  const passed: string[] = []
  function speak(name: string, voice: TakenVoice) {
    const input = voice.speak({
      audio: (payload) => void passed.push(`${name} ${payload}`),
      ended: (end) => {
        passed.push(`${name} ${end.kind}`)
        // As a call does: a text of one sentence.
        voice.release()
      },
    })
    input.push(name)
    input.end()
    return input
  }
  /** Says a text with the voice that is chosen now. */
  const say = (name: string) => speak(name, changing.take())
  const texts = () => sessions.map((session) => session.spoken.flatMap((one) => one.pushed))
  const choices = () => sessions.map((session) => session.choice)
  const closed = () => sessions.map((session) => session.closed > 0)
  return { clock, changing, sessions, controller, passed, say, speak, texts, choices, closed }
}

describe('a voice that changes', () => {
  test('the next utterance has the new one, whose connection is opened before the old one is closed', async () => {
    const { changing, sessions, passed, say, texts, choices, closed, clock } = stage()
    say('one')
    const change = changing.choose({ voice: 'bert' })
    say('two')
    expect(choices()).toEqual([{ voice: 'anna' }, { voice: 'bert' }])
    sessions[1]?.ready()
    await change
    // It is made while the old one is still passed on, and held back until then.
    expect(texts()).toEqual([['one'], ['two']])
    expect(sessions[1]?.spoken[0]?.inputEnded).toBe(true)
    sessions[1]?.spoken[0]?.sink.audio('b1', 8)
    sessions[0]?.spoken[0]?.sink.audio('a1', 8)
    sessions[1]?.spoken[0]?.sink.audio('b2', 8)
    endOf(sessions[1]?.spoken[0], done)
    sessions[0]?.spoken[0]?.sink.audio('a2', 8)
    expect(passed).toEqual(['one a1', 'one a2'])
    expect(closed()).toEqual([false, false])
    endOf(sessions[0]?.spoken[0], done)
    expect(passed.slice(2)).toEqual(['one done', 'two b1', 'two b2', 'two done'])
    await clock.advance(0)
    expect(closed()).toEqual([true, false])
  })

  test('what it leaves out stays, and without a choice all is as in the beginning', async () => {
    const { changing, sessions, choices } = stage()
    void changing.choose({ language: 'de' })
    void changing.choose({ speed: 1.5 })
    expect(changing.take().language).toBe('de')
    sessions[1]?.ready()
    sessions[2]?.ready()
    await changing.choose()
    expect(choices()).toEqual([
      { voice: 'anna' },
      { voice: 'anna', language: 'de' },
      { voice: 'anna', language: 'de', speed: 1.5 },
    ])
    expect(changing.take().language).toBeUndefined()
  })

  test('a text that was taken before speaks all of its sentences in the old voice, also those that come after', async () => {
    const { changing, sessions, passed, speak, say, texts, closed, clock } = stage()
    const voice = changing.take()
    const keep = changing.take()
    speak('one', voice)
    const change = changing.choose({ voice: 'bert' })
    sessions[1]?.ready()
    await change
    speak('two', keep)
    say('three')
    expect(texts()).toEqual([['one', 'two'], ['three']])
    endOf(sessions[1]?.spoken[0], done)
    endOf(sessions[0]?.spoken[0], done)
    expect(closed()).toEqual([false, false])
    endOf(sessions[0]?.spoken[1], done)
    expect(passed).toEqual(['one done', 'two done', 'three done'])
    await clock.advance(0)
    expect(closed()).toEqual([true, false])
  })

  test('a text that lets its voice go twice takes it from no other text', async () => {
    const { changing, sessions, closed } = stage()
    const voice = changing.take()
    const keep = changing.take()
    const change = changing.choose({ voice: 'bert' })
    sessions[1]?.ready()
    await change
    voice.release()
    voice.release()
    expect(closed()).toEqual([false, false])
    keep.release()
    expect(closed()).toEqual([true, false])
  })

  test('the same as now opens nothing, and one that still speaks is taken up again', async () => {
    const { changing, sessions, say, choices, texts, closed } = stage()
    say('one')
    await changing.choose({ voice: 'anna' })
    expect(choices()).toHaveLength(1)
    const change = changing.choose({ voice: 'bert' })
    sessions[1]?.ready()
    await change
    say('two')
    void changing.choose({ voice: 'anna' })
    say('three')
    expect(choices()).toHaveLength(2)
    expect(texts()).toEqual([['one', 'three'], ['two']])
    endOf(sessions[0]?.spoken[0], done)
    endOf(sessions[1]?.spoken[0], done)
    expect(closed()).toEqual([false, true])
  })

  test('changed twice quickly: each text has its voice, and every voice that nobody needs is closed', async () => {
    const { changing, sessions, passed, say, texts, closed, clock } = stage()
    const first = changing.choose({ voice: 'bert' })
    say('one')
    const second = changing.choose({ voice: 'carl' })
    say('two')
    expect(closed()).toEqual([false, false, false])
    sessions[2]?.ready()
    await second
    expect(texts()).toEqual([[], [], ['two']])
    sessions[1]?.ready()
    await first
    expect(texts()).toEqual([[], ['one'], ['two']])
    endOf(sessions[2]?.spoken[0], done)
    endOf(sessions[1]?.spoken[0], done)
    expect(passed).toEqual(['one done', 'two done'])
    await clock.advance(0)
    expect(closed()).toEqual([true, true, false])
  })

  test('one that is left before it was ready is closed when it is, and its change has been made', async () => {
    const { changing, sessions, closed, clock } = stage()
    const first = changing.choose({ voice: 'bert' })
    const second = changing.choose({ voice: 'carl' })
    sessions[2]?.ready()
    await second
    sessions[1]?.ready()
    await first
    await clock.advance(0)
    expect(closed()).toEqual([true, true, false])
  })

  test('one that is left without a word is closed at once', async () => {
    const { changing, sessions, closed } = stage()
    const before = changing.take()
    const change = changing.choose({ voice: 'bert' })
    sessions[1]?.ready()
    await change
    await changing.choose({ voice: 'anna' })
    before.release()
    expect(closed()).toEqual([false, true])
  })

  test('a thousand changes with nothing said leave one connection', async () => {
    const { changing, sessions, closed } = stage()
    for (let index = 0; index < 1000; index++) {
      const change = changing.choose({ speed: 1 + (index % 7) / 10 })
      sessions.at(-1)?.ready()
      await change
    }
    expect(closed().filter((one) => !one)).toHaveLength(1)
  })
})

describe('a voice that cannot be had', () => {
  const refusal = new BridgeError('speech.refused', 'No.')

  test('is told, and what was to be spoken with it is spoken once, with the former one', async () => {
    const { changing, sessions, passed, say, texts, closed } = stage()
    say('one')
    const change = changing.choose({ voice: 'bert' })
    say('two')
    sessions[1]?.refuse(refusal)
    await expect(change).rejects.toBe(refusal)
    say('three')
    expect(texts()).toEqual([['one', 'two', 'three'], []])
    for (const one of sessions[0]?.spoken ?? []) endOf(one, done)
    expect(passed).toEqual(['one done', 'two done', 'three done'])
    expect(closed()).toEqual([false, true])
  })

  test('is not waited for longer than three seconds', async () => {
    const { changing, say, texts, clock, closed } = stage()
    let told: unknown
    changing.choose({ voice: 'bert' }).catch((error: unknown) => {
      told = error
    })
    say('one')
    await clock.advance(2_999)
    expect(texts()).toEqual([[], []])
    await clock.advance(1)
    expect(told).toMatchObject({ code: 'speech.unavailable' })
    expect(texts()).toEqual([['one'], []])
    expect(closed()).toEqual([false, true])
  })

  test('leads back to the nearest that can, over several', async () => {
    const { changing, sessions, say, texts, closed } = stage()
    const first = changing.choose({ voice: 'bert' })
    say('one')
    const second = changing.choose({ voice: 'carl' })
    say('two')
    sessions[2]?.refuse(refusal)
    await expect(second).rejects.toBe(refusal)
    sessions[1]?.refuse(refusal)
    await expect(first).rejects.toBe(refusal)
    expect(texts()).toEqual([['one', 'two'], [], []])
    say('three')
    expect(texts()[0]).toEqual(['one', 'two', 'three'])
    expect(closed()).toEqual([false, true, true])
  })

  test('leaves nothing behind: what is chosen next goes out from the former one, which is closed after it', async () => {
    const { changing, sessions, say, choices, closed } = stage()
    const change = changing.choose({ voice: 'bert', language: 'de' })
    say('one')
    sessions[1]?.refuse(refusal)
    await expect(change).rejects.toBe(refusal)
    endOf(sessions[0]?.spoken[0], done)
    const after = changing.take()
    expect(after.language).toBeUndefined()
    after.release()
    const next = changing.choose({ speed: 1.5 })
    expect(choices()[2]).toEqual({ voice: 'anna', speed: 1.5 })
    sessions[2]?.ready()
    await next
    expect(closed()).toEqual([true, true, false])
  })

  test('may be asked for again', async () => {
    const { changing, sessions, choices } = stage()
    const change = changing.choose({ voice: 'bert' })
    sessions[1]?.refuse(refusal)
    await expect(change).rejects.toBe(refusal)
    const again = changing.choose({ voice: 'bert' })
    sessions[2]?.ready()
    await again
    expect(choices()).toHaveLength(3)
  })

  test.each<[string, VoiceChoice, SpeechCapabilities]>([
    ['no such id', { voice: 'X1' }, versatile],
    ['one voice', { voice: 'bert' }, simple],
    ['one model', { model: 'other' }, simple],
    ['one speed', { speed: 1.5 }, simple],
    ['too slow', { speed: 0.4 }, versatile],
    ['too fast', { speed: 2.1 }, versatile],
    ['no number', { speed: Number.NaN }, versatile],
    ['no such language', { language: 'pl' }, versatile],
  ])('because the provider says so (%s) opens nothing and changes nothing', async (_, choice, capabilities) => {
    const { changing, choices } = stage(capabilities)
    await expect(changing.choose(choice)).rejects.toMatchObject({ code: 'voice.invalid' })
    // Nobody need await it.
    void changing.choose(choice)
    expect(choices()).toHaveLength(1)
    expect(changing.take().language).toBeUndefined()
  })

  test('a language with its region, the own speed, and any language of another model are taken', async () => {
    const { changing, choices } = stage()
    for (const choice of [{ language: 'de-AT' }, { speed: 1 }, { model: 'other', language: 'pl' }])
      void changing.choose(choice)
    expect(choices()).toHaveLength(4)
  })
})

describe('the end', () => {
  test('close releases every session and ends every utterance once, however far it is', async () => {
    const { changing, sessions, passed, say, closed } = stage()
    say('one')
    const change = changing.choose({ voice: 'bert' })
    sessions[1]?.ready()
    await change
    say('two')
    endOf(sessions[1]?.spoken[0], done)
    const third = changing.choose({ voice: 'carl' })
    say('three')
    await changing.close()
    await changing.close()
    expect(passed).toEqual(['one cancelled', 'two cancelled', 'three cancelled'])
    await expect(third).rejects.toMatchObject({ code: 'call.ended' })
    say('four')
    await Promise.resolve()
    expect(passed.at(-1)).toBe('four cancelled')
    await expect(changing.choose({ voice: 'dora' })).rejects.toMatchObject({ code: 'call.ended' })
    expect(closed()).toEqual([true, true, true])
  })

  test('the signal closes as well', async () => {
    const { controller, sessions, passed, say } = stage()
    say('one')
    controller.abort()
    expect(passed).toEqual(['one cancelled'])
    expect(sessions[0]?.closed).toBe(1)
  })

  test('an utterance that is cancelled while its voice is opened is never spoken', async () => {
    const { changing, sessions, passed, say, texts } = stage()
    const change = changing.choose({ voice: 'bert' })
    say('one').cancel()
    sessions[1]?.ready()
    await change
    expect(texts()).toEqual([[], []])
    expect(passed).toEqual(['one cancelled'])
  })

  test('an utterance that is cancelled while it is held back passes nothing on, and keeps nobody waiting', async () => {
    const { changing, sessions, passed, say } = stage()
    say('one')
    const change = changing.choose({ voice: 'bert' })
    sessions[1]?.ready()
    await change
    const second = say('two')
    say('three')
    sessions[1]?.spoken[0]?.sink.audio('b', 8)
    second.cancel()
    sessions[1]?.spoken[1]?.sink.audio('c', 8)
    endOf(sessions[0]?.spoken[0], done)
    expect(passed).toEqual(['two cancelled', 'one done', 'three c'])
  })
})
