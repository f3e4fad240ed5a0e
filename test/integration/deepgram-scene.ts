import { onTestFinished } from 'vitest'
import { createSteppedClock, type SteppedClock } from '../../src/simulator/clock.ts'
import type { DeepgramBehaviour } from '../../src/simulator/deepgram/behaviour.ts'
import type { Happening, Incident } from '../../src/simulator/deepgram/incidents.ts'
import { type DeepgramService, startDeepgramService } from '../../src/simulator/deepgram/service.ts'
import { createDeepgramSpeech, type DeepgramSpeechSettings } from '../../src/speech/deepgram/provider.ts'
import type { SpeechProvider, SpeechSession, SpeechSessionOptions } from '../../src/speech/provider.ts'
import { type Recording, record } from '../contract/speech-recorder.ts'

export interface Scene {
  readonly clock: SteppedClock
  readonly service: DeepgramService
  readonly provider: SpeechProvider
  readonly session: SpeechSession
  /** What the client sent, as `Speak:text`, `Flush`, `Clear`. */
  readonly sent: () => string[]
}

/** A session on the emulator, on a stepped clock; gone with the test. */
export async function scene(
  behaviour: Partial<DeepgramBehaviour> = {},
  options: Partial<SpeechSessionOptions> = {},
  settings: Partial<DeepgramSpeechSettings> = {},
): Promise<Scene> {
  const clock = createSteppedClock()
  const service = await startDeepgramService({ clock, behaviour })
  onTestFinished(() => service.close())
  const { url, apiKey } = service
  const provider = createDeepgramSpeech({ url, apiKey, ...settings }, { clock })
  const session = provider.open({ signal: new AbortController().signal, ...options })
  const sent = () =>
    service.received
      .map(({ message }) => message as { type: string; text?: string })
      .map(({ type, text }) => (text === undefined ? type : `${type}:${text}`))
  return { clock, service, provider, session, sent }
}

/** Speaks a whole utterance. */
export function say(session: SpeechSession, ...texts: string[]): Recording {
  const recording = record(session, texts)
  recording.input.end()
  return recording
}

export function at(place: Incident['at'], what: Happening, more: Partial<Incident> = {}): Partial<DeepgramBehaviour> {
  return { incidents: [{ at: place, connection: 1, what, ...more }] }
}

export const long = 'This is a sentence that is long enough to be broken off somewhere in its middle.'
