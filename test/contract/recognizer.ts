import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Recognizer, RecognizerSessionOptions } from '../../src/hearing/recognizer.ts'
import type { SteppedClock } from '../../src/simulator/clock.ts'
import { openRecorded } from './heard-recorder.ts'

/** What the suite needs of a recognizer and the service behind it. */
export interface RecognizerSubject {
  readonly clock: SteppedClock
  readonly recognizer: Recognizer
  /** Somebody says this, from now on in the audio. */
  say(text: string): void
  /** The connection breaks off; another may be made. */
  cut(): void
  /** The service hears nothing any more, and still answers pings. */
  goDeaf(): void
  /** From now on no connection is let in, for good. */
  refuse(): void
  /** From now on nobody is there. */
  vanish(): Promise<void>
  /** Connections that the service has open. */
  connections(): number
  close(): Promise<void>
}

const frameMs = 200
const silence = Buffer.alloc(frameMs * 8, 0xff).toString('base64')
/** Loud enough for a voice. */
const voice = Buffer.from(Uint8Array.from({ length: frameMs * 8 }, (_, n) => (n % 16 < 8 ? 0x90 : 0x10))).toString(
  'base64',
)
const wordMs = 300

/**
 * The rules of src/hearing/recognizer.ts, for any recognizer. `noInterims`: no word is told before all are, so that one that
 * falls silent cannot be told from a caller who does.
 */
export function recognizerConformance(
  name: string,
  setup: () => Promise<RecognizerSubject>,
  { noInterims = false }: { noInterims?: boolean } = {},
): void {
  describe(`recognizer contract: ${name}`, () => {
    let subject: RecognizerSubject
    const opened: { close(): Promise<void> }[] = []
    beforeEach(async () => {
      subject = await setup()
    })
    afterEach(async () => {
      for (const session of opened.splice(0)) await subject.clock.runUntil(session.close())
      await subject.close()
    })

    function open(options: Partial<RecognizerSessionOptions> = {}) {
      const { recorder, session } = openRecorded(subject.recognizer, {
        signal: new AbortController().signal,
        ...options,
      })
      opened.push(session)
      let voicedMs = 0
      const audio = async (ms: number) => {
        for (let sent = 0; sent < ms; sent += frameMs) {
          session.audio(voicedMs > 0 ? voice : silence)
          voicedMs -= frameMs
          await subject.clock.advance(frameMs)
        }
      }
      /** Somebody says this, from now on in the audio. */
      const say = (text: string) => {
        subject.say(text)
        voicedMs = text.split(' ').length * wordMs
      }
      /** Somebody goes on, whom nobody hears. */
      const babble = (ms: number) => {
        voicedMs = ms
      }
      return { recorder, session, audio, say, babble }
    }

    async function ready(options: Partial<RecognizerSessionOptions> = {}) {
      const stage = open(options)
      await subject.clock.runUntil(stage.session.ready)
      return stage
    }

    test('what is said comes as started, words, and one whole utterance', async () => {
      const { recorder, audio, say } = await ready()
      await audio(300)
      say('the second one please')
      await audio(7000)
      expect(recorder.events[0]).toEqual({ type: 'started' })
      expect(recorder.texts('utterance')).toEqual(['the second one please'])
      expect([recorder.breaches, recorder.failure]).toEqual([[], undefined])
    })

    test('what a recognizer says of itself is so', async () => {
      const { capabilities } = subject.recognizer
      const { recorder, audio, say } = await ready()
      for (const text of ['yes', 'the third']) {
        say(text)
        await audio(5000)
      }
      const types = recorder.events.map(({ type }) => type)
      if (!capabilities.interim) expect(types).not.toContain('interim')
      if (!capabilities.voiceActivity)
        for (const [index, type] of types.entries())
          if (type === 'started') expect(types[index + 1]).toMatch(/^(interim|final)$/)
    })

    test('utterances come in order, each once, and no word of one in another', async () => {
      const { recorder, audio, say } = await ready()
      for (const text of ['yes', 'no wait', 'the third']) {
        say(text)
        await audio(6000)
      }
      expect(recorder.texts('utterance')).toEqual(['yes', 'no wait', 'the third'])
      expect([recorder.breaches, recorder.failure]).toEqual([[], undefined])
    })

    test('what is said before the connection stands is heard', async () => {
      const { recorder, session, audio, say } = open()
      say('hello there')
      for (let frame = 0; frame < 10; frame++) session.audio(silence)
      await audio(6000)
      expect(recorder.texts('utterance')).toEqual(['hello there'])
      expect(recorder.breaches).toEqual([])
    })

    test('silence has no words', async () => {
      const { recorder, audio } = await ready()
      await audio(12_000)
      expect(recorder.events).toEqual([])
    })

    test('a session without audio neither fails nor keeps asking, and hears when audio comes', async () => {
      const { recorder, audio, say } = await ready()
      await subject.clock.advance(60_000)
      expect(recorder.events).toEqual([])
      await audio(1000)
      say('still there')
      await audio(6000)
      expect(recorder.texts('utterance')).toEqual(['still there'])
    })

    test('a pause of the audio ends no session', async () => {
      const { recorder, audio, say } = await ready()
      await audio(500)
      await subject.clock.advance(45_000)
      say('back again')
      await audio(6000)
      expect(recorder.texts('utterance')).toEqual(['back again'])
      expect(recorder.failure).toBeUndefined()
    })

    test('audio that is none is left out', async () => {
      const { recorder, session, audio, say } = await ready()
      for (const payload of ['', '!', '\u0000', 'a', '%%%%', 'x'.repeat(1_000_000)]) session.audio(payload)
      say('yes')
      await audio(6000)
      expect(recorder.texts('utterance')).toEqual(['yes'])
    })

    test('hints and a language change nothing of the rules', async () => {
      const phrases = [
        'Müller',
        ' keep it ',
        'keep it',
        '',
        '\ud800',
        ...Array.from({ length: 500 }, (_, n) => `x${n}`),
      ]
      const { recorder, audio, say } = await ready({ language: 'en-US', phrases })
      say('keep it')
      await audio(6000)
      expect(recorder.texts('utterance')).toEqual(['keep it'])
    })

    test('after close nothing is told, however late it comes; nothing is left', async () => {
      const timers = subject.clock.timers
      const { recorder, session, audio, say } = await ready()
      say('one two three four five')
      await audio(1000)
      const closing = session.close()
      session.audio(silence)
      await subject.clock.runUntil(Promise.all([closing, session.close()]), { simulatedMs: 1000 })
      const told = recorder.events.length
      await audio(5000)
      expect([recorder.breaches, recorder.events.length]).toEqual([[], told])
      expect([subject.connections(), subject.clock.timers]).toEqual([0, timers])
    })

    test('the signal closes a session, also one that was aborted before', async () => {
      const abort = new AbortController()
      const { recorder, audio, say } = await ready({ signal: abort.signal })
      say('one two three four five')
      await audio(500)
      recorder.closed()
      abort.abort()
      await audio(5000)
      expect([recorder.breaches, subject.connections()]).toEqual([[], 0])
      const late = open({ signal: abort.signal })
      await expect(subject.clock.runUntil(late.session.ready)).rejects.toMatchObject({ code: 'call.ended' })
      expect([late.recorder.events, subject.connections()]).toEqual([[], 0])
    })

    test('a connection that is cut is made again, and what is said then is heard', async () => {
      const { recorder, audio, say } = await ready()
      say('before')
      await audio(6000)
      subject.cut()
      await audio(2000)
      say('after')
      await audio(6000)
      expect(recorder.texts('utterance')).toEqual(['before', 'after'])
      expect([recorder.breaches, recorder.failure]).toEqual([[], undefined])
    })

    // Without interim results nobody can tell a deaf service from one that hears a long sentence.
    if (!noInterims)
      test('a service that goes deaf amid speech is told as failed, once, within twenty seconds', async () => {
        const { recorder, audio, say, babble } = await ready()
        say('one two three four five six seven')
        await audio(1500)
        subject.goDeaf()
        babble(20_000)
        await audio(20_000)
        expect(recorder.failure).toMatchObject({ code: 'hearing.lost' })
        expect(recorder.breaches).toEqual([])
      })

    test('a refusal is told as failed, and rejects ready', async () => {
      subject.refuse()
      const { recorder, session, audio } = open()
      await expect(subject.clock.runUntil(session.ready)).rejects.toMatchObject({ code: 'hearing.refused' })
      await audio(3000)
      expect(recorder.events.map(({ type }) => type)).toEqual(['failed'])
      expect(recorder.failure).toMatchObject({ code: 'hearing.refused', retryable: false })
    })

    if (!noInterims)
      test('a session that is closed upon its last words does not tell that it failed', async () => {
        const types: string[] = []
        const session = subject.recognizer.open({
          signal: new AbortController().signal,
          heard({ type }) {
            types.push(type)
            if (type === 'utterance') void session.close()
          },
        })
        opened.push(session)
        await subject.clock.runUntil(session.ready)
        subject.say('one two three four five six seven')
        for (let ms = 0; ms < 3000; ms += frameMs) {
          if (ms === 1600) {
            subject.refuse()
            subject.cut()
          }
          session.audio(voice)
          await subject.clock.advance(frameMs)
        }
        expect(types.at(-1)).toBe('utterance')
      })

    test('a service that is gone is told as failed within six seconds of audio', async () => {
      const { recorder, audio, say } = await ready()
      say('one two three')
      await audio(500)
      await subject.vanish()
      await audio(6000)
      expect(recorder.failure).toMatchObject({ retryable: true })
      expect(recorder.events.filter(({ type }) => type === 'failed')).toHaveLength(1)
      expect(recorder.breaches).toEqual([])
    })
  })
}
