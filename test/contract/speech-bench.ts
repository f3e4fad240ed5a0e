import { afterAll, afterEach, beforeAll, expect } from 'vitest'
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
export const lateMs = 2000

/** What the rules of the contract work with. Every session and utterance of a test is looked at when the test is over. */
export interface SpeechBench {
  readonly session: (signal?: AbortSignal) => SpeechSession
  readonly speak: (to: SpeechSession, texts: readonly string[], options?: RecordOptions) => Recording
  /** Speaks whole texts, one utterance each, and returns their audio. */
  readonly say: (to: SpeechSession, ...texts: string[]) => Promise<Buffer[]>
  /** The audio of a text on a session of its own. */
  readonly alone: (text: string) => Promise<Buffer>
  readonly run: <T>(promise: Promise<T>) => Promise<T>
  readonly pass: (ms: number) => Promise<void>
  readonly now: () => number
}

/** To be called inside `describe`: it sets the hooks of the suite. */
export function speechBench(setup: () => Promise<SpeechSubject>): SpeechBench {
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

  const bench: SpeechBench = {
    session(signal = new AbortController().signal) {
      const opened = subject.provider.open({ signal })
      open.push(opened)
      return opened
    },
    speak(to, texts, options) {
      const recording = record(to, texts, options)
      recordings.push(recording)
      return recording
    },
    async say(to, ...texts) {
      const spoken = texts.map((text) => {
        const recording = bench.speak(to, [text])
        recording.input.end()
        return recording
      })
      for (const one of spoken) expect(await subject.run(one.ended)).toMatchObject({ kind: 'done' })
      return spoken.map((one) => one.audio())
    },
    async alone(text) {
      const [audio] = await bench.say(bench.session(), text)
      expect(audio?.length).toBeGreaterThan(0)
      return audio ?? Buffer.alloc(0)
    },
    run: (promise) => subject.run(promise),
    pass: (ms) => subject.pass(ms),
    now: () => subject.now(),
  }
  return bench
}
