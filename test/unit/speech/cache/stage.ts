import { createSteppedClock } from '../../../../src/simulator/clock.ts'
import { BridgeError } from '../../../../src/errors.ts'
import { cacheSpeech, prepareSpeech } from '../../../../src/speech/cache/provider.ts'
import { type AudioStore, createAudioStore } from '../../../../src/speech/cache/store.ts'
import type {
  SpeechCapabilities,
  SpeechEnd,
  SpeechEvent,
  SpeechProvider,
  SpeechSessionOptions,
} from '../../../../src/speech/provider.ts'
import { type Recording, record } from '../../../contract/speech-recorder.ts'

/** An utterance at the service that is played by hand. */
export interface AtService {
  /** Number of the session, from 1. */
  readonly session: number
  readonly texts: string[]
  ended: boolean
  over: SpeechEnd | undefined
  /** Sends sound that spells `word`. */
  sound(word: string): void
  end(how?: SpeechEnd): void
}

export const failed = (): SpeechEnd => ({ kind: 'failed', error: new BridgeError('speech.stalled', 'Silence.') })

/** A cache over a service that is played by hand. */
export function stage(
  options: { capabilities?: Partial<SpeechCapabilities>; store?: AudioStore; ofOneCall?: boolean } = {},
) {
  const stepped = createSteppedClock()
  const timers = new Set<object>()
  const clock: typeof stepped = {
    ...stepped,
    after(delayMs, fire) {
      const timer = stepped.after(delayMs, () => {
        timers.delete(timer)
        fire()
      })
      timers.add(timer)
      return {
        cancel() {
          timers.delete(timer)
          timer.cancel()
        },
      }
    },
  }
  const said: AtService[] = []
  const sessions: { open: boolean; readonly ready: PromiseWithResolvers<void> }[] = []
  const service: SpeechProvider = {
    name: 'hand',
    capabilities: { languages: undefined, markup: true, ...options.capabilities },
    identity: (voice) => JSON.stringify(voice),
    open({ signal }) {
      const session = sessions.length + 1
      const state = { open: true, ready: Promise.withResolvers<void>() }
      state.ready.promise.catch(() => {})
      sessions.push(state)
      const close = () => {
        state.open = false
        for (const one of said) if (one.session === session) one.end({ kind: 'cancelled' })
      }
      signal.addEventListener('abort', close, { once: true })
      return {
        ready: state.ready.promise,
        close: async () => close(),
        speak(sink) {
          const one: AtService = {
            session,
            texts: [],
            ended: false,
            over: undefined,
            sound(word) {
              const bytes = Buffer.from(word)
              if (!one.over) sink.audio(bytes.toString('base64'), bytes.length)
            },
            end(how = { kind: 'done' }) {
              if (one.over) return
              one.over = how
              sink.ended(how)
            },
          }
          said.push(one)
          return {
            push: (text) => void one.texts.push(text),
            end: () => {
              one.ended = true
            },
            cancel: () => one.end({ kind: 'cancelled' }),
          }
        },
      }
    },
  }
  const store = options.store ?? createAudioStore({ clock, memoryBytes: 1_000_000, keepMs: 3_600_000 })
  const provider = options.ofOneCall ? prepareSpeech(service, { clock }) : cacheSpeech(service, { store, clock })

  return {
    clock,
    /** That are running. */
    timers: () => timers.size,
    provider,
    sessions,
    said,
    /** The service's utterance of a text, the latest. */
    at: (text: string): AtService => {
      const one = said.findLast(({ texts }) => texts.join('|') === text)
      if (!one) throw new Error(`nobody asked the service for ${text}`)
      return one
    },
    open: (more: Partial<SpeechSessionOptions> = {}) => {
      const events: SpeechEvent[] = []
      const session = provider.open({
        signal: new AbortController().signal,
        events: (event) => void events.push(event),
        ...more,
      })
      return {
        session,
        events,
        results: () => events.filter((event) => event.type === 'cache').map(({ result }) => result),
        /** Says texts, one utterance each, as a call does. */
        say: (...texts: string[]): Recording[] =>
          texts.map((text) => {
            const recording = record(session, [text])
            recording.input.end()
            return recording
          }),
      }
    },
  }
}

/** Lets everything that is under way in this process come to rest. */
export const rest = () => new Promise<void>((resolve) => setImmediate(resolve))
export const heard = (recording: Recording | undefined): string => recording?.audio().toString() ?? ''
export const kinds = (recordings: readonly Recording[]) => recordings.map(({ ends }) => ends[0]?.kind)
