import { setImmediate as turn } from 'node:timers/promises'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BridgeError } from '../../../../src/errors.ts'
import { createLocalSpeech } from '../../../../src/speech/local/provider.ts'
import { createLocalVoice, type LocalVoice } from '../../../../src/speech/local/voice.ts'
import type { SpeechEnd, SpeechEvent, SpeechSession } from '../../../../src/speech/provider.ts'

const never = new AbortController().signal

/** A voice without a thread: each character is a piece of three bytes of its code, given a turn of the loop later. */
function createLetterVoice(): LocalVoice & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    async *speak(text, { language, signal }) {
      asked.push(`${language}:${text}`)
      for (const character of text) {
        await turn()
        if (signal.aborted) return
        if (character === '!') throw new BridgeError('speech.lost', 'lost')
        yield new Uint8Array(3).fill(character.charCodeAt(0))
      }
    },
    close: () => Promise.resolve(),
  }
}

/** What a sink heard, in order: letters of audio, and how it ended. */
function createEar(onAudio: () => void = () => {}) {
  const ends: SpeechEnd[] = []
  let heard = ''
  let afterEnd = 0
  let settle = () => {}
  const ended = new Promise<void>((resolve) => {
    settle = resolve
  })
  return {
    ends,
    ended,
    heard: () => heard,
    afterEnd: () => afterEnd,
    sink: {
      audio(payload: string, audioBytes: number) {
        const bytes = Buffer.from(payload, 'base64')
        expect(bytes.length).toBe(audioBytes)
        if (ends.length > 0) afterEnd++
        heard += String.fromCharCode(...bytes.filter((_, index) => index % 3 === 0))
        onAudio()
      },
      ended(end: SpeechEnd) {
        ends.push(end)
        settle()
      },
    },
  }
}

function say(session: SpeechSession, ear: ReturnType<typeof createEar>, ...texts: string[]) {
  const input = session.speak(ear.sink)
  for (const text of texts) input.push(text)
  input.end()
  return input
}

async function rest(): Promise<void> {
  for (let turns = 0; turns < 60; turns++) await turn()
}

describe('utterances', () => {
  test('are spoken one at a time in the order they were asked for, each ending once', async () => {
    const voice = createLetterVoice()
    const session = createLocalSpeech({ voice, language: 'de' }).open({ signal: never })
    await session.ready
    const order: string[] = []
    const ears = ['a', 'b', 'c'].map((name) => createEar(() => order.push(name)))
    const [first, second, third] = ears
    if (!first || !second || !third) expect.fail()
    const input = session.speak(first.sink)
    say(session, second, 'second')
    say(session, third)
    input.push('one ')
    await rest()
    expect([first.heard(), second.heard(), third.ends]).toEqual(['one ', '', []])
    input.push('two')
    input.end()
    input.end()
    input.push('never')
    await Promise.all(ears.map((ear) => ear.ended))
    await rest()
    expect(ears.map((ear) => ear.heard())).toEqual(['one two', 'second', ''])
    expect(ears.map((ear) => ear.ends)).toEqual(ears.map(() => [{ kind: 'done' }]))
    expect(order.join('')).toBe('aaaaaaabbbbbb')
    expect(voice.asked).toEqual(['de:', 'de:one ', 'de:two', 'de:second'])
  })

  test('a cancel lets no more audio pass, and the next one begins', async () => {
    const session = createLocalSpeech({ voice: createLetterVoice() }).open({ signal: never })
    const ear = createEar(() => {
      if (ear.heard().length === 3) input.cancel()
    })
    const input = say(session, ear, 'cancelled', 'too')
    const next = createEar()
    say(session, next, 'next')
    await next.ended
    input.cancel()
    input.push('more')
    await rest()
    expect([ear.heard(), next.heard()]).toEqual(['can', 'next'])
    expect([ear.ends, next.ends]).toEqual([[{ kind: 'cancelled' }], [{ kind: 'done' }]])
  })

  test('a cancel lets no audio pass even of a voice that does not listen', async () => {
    const deaf: LocalVoice = {
      async *speak(text) {
        for (const character of text) {
          await turn()
          yield new Uint8Array(3).fill(character.charCodeAt(0))
        }
      },
      close: () => Promise.resolve(),
    }
    const session = createLocalSpeech({ voice: deaf }).open({ signal: never })
    const ear = createEar(() => input.cancel())
    const input = say(session, ear, 'deaf')
    await rest()
    expect([ear.heard(), ear.ends]).toEqual(['d', [{ kind: 'cancelled' }]])
  })

  test('one that is cancelled while it waits is never spoken', async () => {
    const voice = createLetterVoice()
    const session = createLocalSpeech({ voice }).open({ signal: never })
    const [first, second, third] = [createEar(), createEar(), createEar()]
    say(session, first, 'first')
    const input = say(session, second, 'second')
    say(session, third, 'third')
    input.cancel()
    expect(second.ends).toEqual([{ kind: 'cancelled' }])
    await third.ended
    expect([first.heard(), second.heard(), third.heard()]).toEqual(['first', '', 'third'])
    expect(voice.asked).not.toContain('en:second')
  })

  test('one that waits for text can be cancelled', async () => {
    const session = createLocalSpeech({ voice: createLetterVoice() }).open({ signal: never })
    const [first, second] = [createEar(), createEar()]
    const input = session.speak(first.sink)
    say(session, second, 'second')
    await rest()
    input.cancel()
    await second.ended
    expect([first.ends, second.heard()]).toEqual([[{ kind: 'cancelled' }], 'second'])
  })

  test('an error of the voice fails that utterance and no other', async () => {
    const session = createLocalSpeech({ voice: createLetterVoice() }).open({ signal: never })
    const [first, second] = [createEar(), createEar()]
    say(session, first, 'ab!cd', 'ef')
    say(session, second, 'second')
    await second.ended
    await rest()
    expect([first.heard(), second.heard()]).toEqual(['ab', 'second'])
    expect(first.ends).toMatchObject([{ kind: 'failed', error: { code: 'speech.lost' } }])
    expect(second.ends).toEqual([{ kind: 'done' }])
  })
})

describe('the end of a session', () => {
  test('closing cancels everything once and passes no more audio; twice is once', async () => {
    const session = createLocalSpeech({ voice: createLetterVoice() }).open({ signal: never })
    const ears = [createEar(), createEar()]
    for (const ear of ears) say(session, ear, 'a long text')
    await turn()
    await turn()
    await Promise.all([session.close(), session.close()])
    const heard = ears.map((ear) => ear.heard())
    expect(ears.map((ear) => ear.ends)).toEqual([[{ kind: 'cancelled' }], [{ kind: 'cancelled' }]])
    const late = createEar()
    say(session, late, 'late')
    expect(late.ends).toEqual([])
    await rest()
    await session.close()
    expect(late.ends).toEqual([{ kind: 'cancelled' }])
    expect([late.heard(), ...ears.map((ear) => ear.heard())]).toEqual(['', ...heard])
  })

  test('the signal of the call does the same, also when it was aborted before', async () => {
    const abort = new AbortController()
    const speech = createLocalSpeech({ voice: createLetterVoice() })
    const session = speech.open({ signal: abort.signal })
    const ear = createEar()
    say(session, ear, 'a long text')
    await turn()
    abort.abort()
    expect(ear.ends).toEqual([{ kind: 'cancelled' }])
    const dead = speech.open({ signal: abort.signal })
    await expect(dead.ready).rejects.toMatchObject({ code: 'call.ended' })
    const late = createEar()
    say(dead, late, 'late')
    await rest()
    expect([late.heard(), late.ends]).toEqual(['', [{ kind: 'cancelled' }]])
  })

  test('one session closing disturbs no other', async () => {
    const speech = createLocalSpeech({ voice: createLetterVoice() })
    const [one, two] = [speech.open({ signal: never }), speech.open({ signal: never })]
    const [first, second] = [createEar(), createEar()]
    say(one, first, 'a long text')
    say(two, second, 'a long text')
    await turn()
    await one.close()
    await second.ended
    expect([first.ends, second.ends, second.heard()]).toEqual([
      [{ kind: 'cancelled' }],
      [{ kind: 'done' }],
      'a long text',
    ])
  })
})

test('whatever is done in whatever order, each utterance ends once and is silent afterwards', async () => {
  const action = fc.oneof(
    fc.record({ kind: fc.constant('speak'), index: fc.nat(3) }),
    fc.record({ kind: fc.constantFrom('push', 'end', 'cancel'), index: fc.nat(5) }),
    fc.record({ kind: fc.constantFrom('wait', 'wait', 'close'), index: fc.nat(12) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 30 }), async (actions) => {
      const session = createLocalSpeech({ voice: createLetterVoice() }).open({ signal: never })
      const ears: ReturnType<typeof createEar>[] = []
      const inputs: ReturnType<SpeechSession['speak']>[] = []
      let closed = false
      for (const { kind, index } of actions) {
        const input = inputs[index]
        if (kind === 'speak') {
          const ear = createEar()
          ears.push(ear)
          inputs.push(session.speak(ear.sink))
        } else if (kind === 'push') input?.push(index === 4 ? 'a!b' : 'abc')
        else if (kind === 'end') input?.end()
        else if (kind === 'cancel') {
          input?.cancel()
          if (input && !closed) expect(ears[index]?.ends.length).toBe(1)
        } else if (kind === 'close' && index < 2) {
          closed = true
          await session.close()
        } else for (let turns = 0; turns < index; turns++) await turn()
      }
      for (const input of inputs) input.end()
      await Promise.all(ears.map((ear) => ear.ended))
      await turn()
      expect(ears.map((ear) => [ear.ends.length, ear.afterEnd()])).toEqual(ears.map(() => [1, 0]))
      if (!closed) for (const ear of ears) if (ear.ends[0]?.kind === 'done') expect(ear.heard()).toMatch(/^(?:abc)*$/)
    }),
    { numRuns: 150 },
  )
})

describe('with the engine itself', () => {
  test('a session becomes ready and says sentences, a break as silence', async () => {
    const voice = createLocalVoice()
    const speech = createLocalSpeech({ voice })
    expect(speech.name).toBe('local')
    expect(speech.capabilities).toEqual({ languages: ['en'], markup: true })
    const session = speech.open({ signal: never })
    await session.ready
    const bytes: Buffer[] = []
    const end = await new Promise<SpeechEnd>((resolve) => {
      const input = session.speak({ audio: (payload) => bytes.push(Buffer.from(payload, 'base64')), ended: resolve })
      input.push('Hello there. ')
      input.push("Goodbye.<break time='500ms'/>")
      input.end()
    })
    expect(end).toEqual({ kind: 'done' })
    const audio = Buffer.concat(bytes)
    expect(audio.length / 8).toBeGreaterThan(1500)
    expect(audio.length / 8).toBeLessThan(4000)
    expect(audio.subarray(-4000).equals(Buffer.alloc(4000, 0xff))).toBe(true)
    await voice.close()
  })

  test('a language it does not speak is told when the session opens, and to every utterance', async () => {
    const voice = createLocalVoice()
    const speech = createLocalSpeech({ voice, language: 'xx-YY' })
    expect(speech.capabilities.languages).toEqual(['xx'])
    const session = speech.open({ signal: never })
    await expect(session.ready).rejects.toMatchObject({ code: 'text.unspeakable' })
    const ear = createEar()
    say(session, ear, 'Hello')
    await ear.ended
    expect(ear.ends).toMatchObject([{ kind: 'failed', error: { code: 'text.unspeakable' } }])
    await voice.close()
  })

  test('a missing package fails in words, and nothing is left unhandled', async () => {
    const voice = createLocalVoice({ engine: 'callbridge-has-no-such-package' })
    const session = createLocalSpeech({ voice }).open({ signal: never })
    const ear = createEar()
    say(session, ear, 'Hello')
    await ear.ended
    expect(ear.ends).toMatchObject([{ kind: 'failed', error: { code: 'speech.not-installed' } }])
    await voice.close()
  })
})

describe('events', () => {
  test('the engine that is there is told as a connection, and the close of the session as its end', async () => {
    const events: SpeechEvent[] = []
    const options = { signal: never, events: (event: SpeechEvent) => void events.push(event) }
    const session = createLocalSpeech({ voice: createLetterVoice(), name: 'spare' }).open(options)
    await session.ready
    await session.close()
    await session.close()
    expect(events).toEqual([
      { type: 'connected', provider: 'spare' },
      { type: 'disconnected', provider: 'spare', error: undefined },
    ])
  })

  test('an engine that cannot be loaded is a connection that could not be made; a closed session tells nothing', async () => {
    const events: SpeechEvent[] = []
    const options = { signal: never, events: (event: SpeechEvent) => void events.push(event) }
    const error = new BridgeError('speech.unavailable', 'none')
    const voice: LocalVoice = {
      speak: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }),
      close: () => Promise.resolve(),
    }
    await expect(createLocalSpeech({ voice }).open(options).ready).rejects.toBe(error)
    expect(events).toEqual([{ type: 'connection-error', provider: 'local', error }])
    const closed = createLocalSpeech({ voice: createLetterVoice() }).open(options)
    await closed.close()
    await Promise.allSettled([closed.ready])
    await rest()
    expect(events).toHaveLength(1)
  })
})
