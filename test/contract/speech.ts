import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { SpeechProvider, SpeechSession } from '../../src/speech/provider.ts'
import { type Recording, type RecordOptions, record } from './speech-recorder.ts'

export interface SpeechSubject {
  /** Must speak a text the same way each time. */
  readonly provider: SpeechProvider
  /** Waits for a promise, and moves time on meanwhile where time does not move by itself. */
  run<T>(promise: Promise<T>): Promise<T>
  /** Lets time pass, to see whether something comes late. On real time it may be less than it is asked for. */
  pass(ms: number): Promise<void>
  now(): number
  /** Takes the subject down, and checks what it has seen of the provider. */
  close(): Promise<void>
}

/** How long late audio is waited for after a cancel or close. */
const lateMs = 2000

/** The rules of src/speech/provider.ts, for any provider: `speechConformance('name', async () => subject)`. */
export function speechConformance(name: string, setup: () => Promise<SpeechSubject>): void {
  describe(`speech contract: ${name}`, () => {
    let subject: SpeechSubject
    let open: SpeechSession[] = []
    let recordings: Recording[] = []

    beforeAll(async () => {
      subject = await setup()
    })
    afterEach(async () => {
      for (const session of open) await subject.run(session.close())
      for (const { breaches, ends } of recordings) {
        expect(breaches).toEqual([])
        expect(ends).toHaveLength(1)
      }
      open = []
      recordings = []
    })
    afterAll(() => subject?.close())

    function session(signal = new AbortController().signal): SpeechSession {
      const opened = subject.provider.open({ signal })
      open.push(opened)
      return opened
    }

    function speak(to: SpeechSession, texts: readonly string[], options?: RecordOptions): Recording {
      const recording = record(to, texts, options)
      recordings.push(recording)
      return recording
    }

    /** Speaks whole texts, one utterance each, and returns their audio. */
    async function say(to: SpeechSession, ...texts: string[]): Promise<Buffer[]> {
      const spoken = texts.map((text) => {
        const recording = speak(to, [text])
        recording.input.end()
        return recording
      })
      for (const one of spoken) expect(await subject.run(one.ended)).toEqual({ kind: 'done' })
      return spoken.map((one) => one.audio())
    }

    async function alone(text: string): Promise<Buffer> {
      const [audio] = await say(session(), text)
      expect(audio?.length).toBeGreaterThan(0)
      return audio ?? Buffer.alloc(0)
    }

    test('ready resolves, whether or not anything is said', async () => {
      expect(await subject.run(session().ready)).toBeUndefined()
    })

    test('an utterance comes back as audio and ends as done', async () => {
      const audio = await alone('Your order has shipped.')
      expect(audio.length).toBeGreaterThan(8 * 300)
    })

    test('speaking need not wait for ready, and text may come before the connection does', async () => {
      const speaking = session()
      const recording = speak(speaking, ['Hello there.'])
      recording.input.end()
      expect(await subject.run(recording.ended)).toEqual({ kind: 'done' })
      await subject.run(speaking.ready)
    })

    test('utterances are spoken in the order of speak, each with its own audio only', async () => {
      const texts = ['One is the first.', 'Two.', 'And three comes last of all.']
      const log: string[] = []
      const speaking = session()
      const spoken = texts.map((text, index) => speak(speaking, [text], { log, name: String(index) }))
      for (const one of spoken.toReversed()) one.input.end()
      for (const one of spoken) expect(await subject.run(one.ended)).toEqual({ kind: 'done' })
      expect(log.filter((entry, index) => entry !== log[index - 1])).toEqual(
        texts.flatMap((_, index) => [`${index} audio`, `${index} done`]),
      )
      for (const [index, text] of texts.entries())
        expect(spoken[index]?.audio().equals(await alone(text)), `the audio of utterance ${index}`).toBe(true)
    })

    test('sentences may be pushed with long pauses between them', async () => {
      const speaking = session()
      const recording = speak(speaking, ['First comes one sentence.'])
      await subject.run(recording.begun)
      await subject.pass(lateMs)
      expect(recording.ends).toEqual([])
      const before = recording.audio().length
      recording.input.push('Then comes another one.')
      recording.input.end()
      expect(await subject.run(recording.ended)).toEqual({ kind: 'done' })
      expect(recording.audio().length).toBeGreaterThan(before)
    })

    test('an utterance ends once, whatever is called after its end', async () => {
      const speaking = session()
      const recording = speak(speaking, ['Once and no more.'])
      recording.input.end()
      await subject.run(recording.ended)
      recording.input.push('More.')
      recording.input.end()
      recording.input.cancel()
      await subject.pass(lateMs)
      expect(recording.ends).toEqual([{ kind: 'done' }])
    })

    test('what is pushed after end is not spoken', async () => {
      const speaking = session()
      const recording = speak(speaking, ['This is all.'])
      recording.input.end()
      recording.input.push('This is too much.')
      recording.input.end()
      await subject.run(recording.ended)
      expect(recording.audio().equals(await alone('This is all.'))).toBe(true)
    })

    test('an utterance without text ends as done without audio, in its turn', async () => {
      const log: string[] = []
      const speaking = session()
      const first = speak(speaking, ['Before.'], { log, name: 'first' })
      const empty = speak(speaking, ['', '  '], { log, name: 'empty' })
      empty.input.end()
      await subject.run(first.begun)
      first.input.end()
      expect(await subject.run(empty.ended)).toEqual({ kind: 'done' })
      expect(empty.chunks).toBe(0)
      expect(log.slice(-2)).toEqual(['first done', 'empty done'])
      await say(speaking, 'After.')
    })

    test('an utterance without text that has its turn ends as done, but not inside its own end', async () => {
      const speaking = session()
      const empty = speak(speaking, [])
      empty.input.end()
      expect(await subject.run(empty.ended)).toEqual({ kind: 'done' })
      expect(empty.chunks).toBe(0)
    })

    test('cancel before the first text ends the utterance, and the next one speaks', async () => {
      const speaking = session()
      const recording = speak(speaking, [])
      recording.input.cancel()
      recording.input.push('Never said.')
      recording.input.end()
      expect(await subject.run(recording.ended)).toEqual({ kind: 'cancelled' })
      expect((await say(speaking, 'The next one.'))[0]?.equals(await alone('The next one.'))).toBe(true)
      expect(recording.chunks).toBe(0)
    })

    test('no audio passes after cancel, however late, and the next utterance has its own audio only', async () => {
      const speaking = session()
      const recording = speak(speaking, ['This is a rather long sentence that nobody will hear to its end.'])
      await subject.run(recording.begun)
      recording.input.cancel()
      recording.input.cancel()
      expect(await subject.run(recording.ended)).toEqual({ kind: 'cancelled' })
      expect((await say(speaking, 'The next one.'))[0]?.equals(await alone('The next one.'))).toBe(true)
      await subject.pass(lateMs)
    })

    test('cancel before the first audio leaves nothing for the next utterance to hear', async () => {
      const speaking = session()
      await subject.run(speaking.ready)
      const recording = speak(speaking, ['This was sent but it is not wanted any more.'])
      recording.input.end()
      recording.input.cancel()
      expect((await say(speaking, 'The next one.'))[0]?.equals(await alone('The next one.'))).toBe(true)
      expect(await subject.run(recording.ended)).toEqual({ kind: 'cancelled' })
      expect(recording.chunks).toBe(0)
    })

    test('a sink may cancel inside its own audio', async () => {
      const speaking = session()
      const recording = speak(speaking, ['This sentence is cut short by the one who hears it.'], {
        onAudio: ({ input }) => input.cancel(),
      })
      recording.input.end()
      expect(await subject.run(recording.ended)).toEqual({ kind: 'cancelled' })
      await subject.pass(lateMs)
      expect(recording.chunks).toBe(1)
    })

    test('an utterance that waits can be cancelled, and the others are spoken', async () => {
      const speaking = session()
      const [first, second, third] = ['One of them.', 'Two of them.', 'Three of them.'].map((text) =>
        speak(speaking, [text]),
      )
      for (const one of [first, second, third]) one?.input.end()
      second?.input.cancel()
      const ends = await subject.run(Promise.all([first?.ended, second?.ended, third?.ended]))
      expect(ends.map((end) => end?.kind)).toEqual(['done', 'cancelled', 'done'])
      expect(second?.chunks).toBe(0)
      expect(third?.audio().equals(await alone('Three of them.'))).toBe(true)
    })

    test('close ends every utterance as cancelled within a second, is idempotent, and nothing follows', async () => {
      const speaking = session()
      const all = [speak(speaking, ['This one is being spoken just now.']), speak(speaking, ['This one waits.'])]
      await subject.run(all[0]?.begun ?? Promise.resolve())
      const closedAt = subject.now()
      const closing = speaking.close()
      await subject.run(Promise.all([closing, speaking.close()]))
      expect(subject.now() - closedAt).toBeLessThanOrEqual(1000)
      for (const one of all) expect(await subject.run(one.ended)).toEqual({ kind: 'cancelled' })
      const late = speak(speaking, ['Too late.'])
      late.input.end()
      expect(await subject.run(late.ended)).toEqual({ kind: 'cancelled' })
      await subject.pass(lateMs)
      await subject.run(speaking.close())
      expect(late.chunks).toBe(0)
    })

    test('the signal ends everything as close does', async () => {
      const controller = new AbortController()
      const speaking = session(controller.signal)
      const all = [speak(speaking, ['This one is being spoken just now.']), speak(speaking, ['This one waits.'])]
      await subject.run(all[0]?.begun ?? Promise.resolve())
      controller.abort()
      for (const one of all) expect(await subject.run(one.ended)).toEqual({ kind: 'cancelled' })
      await subject.pass(lateMs)
    })

    test('a session opened with an aborted signal speaks nothing, and its ready does not hang', async () => {
      const speaking = session(AbortSignal.abort())
      const recording = speak(speaking, ['Never said.'])
      recording.input.end()
      expect(await subject.run(recording.ended)).toEqual({ kind: 'cancelled' })
      await subject.run(Promise.allSettled([speaking.ready]))
    })

    test('two sessions at once never mix, and closing one leaves the other speaking', async () => {
      const texts = ['Here speaks the first of the two.', 'The second one says something else.']
      const sessions = [session(), session()]
      const spoken = sessions.map((one, index) => speak(one, [texts[index] ?? '']))
      const third = session()
      const cut = speak(third, ['And a third one is closed while it speaks.'])
      await subject.run(cut.begun)
      const closing = third.close()
      for (const one of spoken) one.input.end()
      for (const [index, one] of spoken.entries()) {
        expect(await subject.run(one.ended)).toEqual({ kind: 'done' })
        expect(one.audio().equals(await alone(texts[index] ?? ''))).toBe(true)
      }
      await subject.run(closing)
    })
  })
}
