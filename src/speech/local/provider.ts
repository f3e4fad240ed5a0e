import { asBridgeError, BridgeError } from '../../errors.ts'
import type { SpeechEnd, SpeechProvider, SpeechSession, SpeechSessionOptions, SpeechSink } from '../provider.ts'
import { createLocalVoice, type LocalVoice } from './voice.ts'

export interface LocalSpeechOptions {
  /** Shared with others and closed by whoever made it. Without one, the provider makes its own, for all its sessions. */
  readonly voice?: LocalVoice
  /** As outcomes, logs and events name it; `local` when left out. */
  readonly name?: string
  /** The language that is spoken, ISO 639 with or without region; `en` unless told. */
  readonly language?: string
}

/** The offline voice as a speech provider: no account, no network, and it says every text in one language. */
export function createLocalSpeech({ voice, language = 'en', name = 'local' }: LocalSpeechOptions = {}): SpeechProvider {
  const speaker = voice ?? createLocalVoice()
  return {
    name,
    capabilities: { languages: [/^[a-z]*/i.exec(language)?.[0].toLowerCase() ?? language], markup: true },
    open: (options) => openSession(speaker, language, name, options),
  }
}

/** One thing to say. Its pieces are spoken in order; it is over exactly once, and silent from then on. */
interface Utterance {
  readonly sink: SpeechSink
  readonly pieces: string[]
  /** Aborts when the utterance is over, for whatever reason. */
  readonly over: AbortController
  ended: boolean
  /** Resolves the wait for more text. */
  wake(): void
}

function openSession(
  voice: LocalVoice,
  language: string,
  provider: string,
  options: SpeechSessionOptions,
): SpeechSession {
  const { signal, events } = options
  const queue: Utterance[] = []
  const closing = new AbortController()
  let speaking = false
  let connected = false

  const ready = load(voice, language, closing.signal)
  // Nothing is connected, but the engine is there or not. Who never looks at `ready` learns it from the first utterance.
  ready.then(
    () => {
      if (closing.signal.aborted) return
      connected = true
      events?.({ type: 'connected', provider })
    },
    (thrown: unknown) => {
      if (!closing.signal.aborted) events?.({ type: 'connection-error', provider, error: asBridgeError(thrown) })
    },
  )

  function finish(utterance: Utterance, end: SpeechEnd): void {
    if (utterance.over.signal.aborted) return
    utterance.over.abort()
    utterance.wake()
    const place = queue.indexOf(utterance)
    if (place >= 0) queue.splice(place, 1)
    utterance.sink.ended(end)
  }

  async function speakAll(): Promise<void> {
    if (speaking) return
    speaking = true
    for (let utterance = queue[0]; utterance; utterance = queue[0]) finish(utterance, await spoken(utterance))
    speaking = false
  }

  async function spoken(utterance: Utterance): Promise<SpeechEnd> {
    const { signal: over } = utterance.over
    try {
      while (!over.aborted) {
        const text = utterance.pieces.shift()
        if (text === undefined) {
          if (utterance.ended) return { kind: 'done' }
          await new Promise<void>((resolve) => {
            utterance.wake = resolve
          })
          continue
        }
        for await (const bytes of voice.speak(text, { language, signal: over })) {
          if (over.aborted) break
          utterance.sink.audio(
            Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'),
            bytes.length,
          )
        }
      }
      return { kind: 'cancelled' }
    } catch (error) {
      return { kind: 'failed', error: asBridgeError(error) }
    }
  }

  function close(): void {
    signal.removeEventListener('abort', close)
    closing.abort()
    if (connected) events?.({ type: 'disconnected', provider, error: undefined })
    connected = false
    for (const utterance of queue.splice(0)) finish(utterance, { kind: 'cancelled' })
  }
  if (signal.aborted) close()
  else signal.addEventListener('abort', close, { once: true })

  return {
    ready,
    speak(sink) {
      const utterance: Utterance = { sink, pieces: [], over: new AbortController(), ended: false, wake: () => {} }
      const { signal: over } = utterance.over
      if (closing.signal.aborted) queueMicrotask(() => finish(utterance, { kind: 'cancelled' }))
      else {
        queue.push(utterance)
        void speakAll()
      }
      return {
        push(text) {
          if (over.aborted || utterance.ended) return
          utterance.pieces.push(text)
          utterance.wake()
        },
        end() {
          utterance.ended = true
          utterance.wake()
        },
        cancel: () => finish(utterance, { kind: 'cancelled' }),
      }
    },
    close() {
      close()
      return Promise.resolve()
    },
  }
}

/** Saying nothing loads the engine and checks the language. */
async function load(voice: LocalVoice, language: string, closing: AbortSignal): Promise<void> {
  for await (const bytes of voice.speak('', { language, signal: closing })) void bytes
  if (closing.aborted) throw new BridgeError('call.ended', 'The speech session was closed before it was ready.')
}
