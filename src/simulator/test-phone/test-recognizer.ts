import type { SteppedClock } from '../clock.ts'

/** The events of hearing, as far as a test needs them. */
type Heard = { readonly type: 'started' } | { readonly type: 'interim' | 'final' | 'utterance'; readonly text: string }

interface Listener {
  readonly heard: (event: Heard) => void
}

/** How long a word takes, and the silence behind the last one that ends an utterance. */
export const wordMs = 300
const endpointMs = 300

/** A recognizer that hears what the person at the phone is told to say, word by word, and never mishears. */
export interface TestRecognizer {
  readonly recognizer: {
    readonly name: string
    readonly capabilities: { readonly interim: boolean; readonly voiceActivity: boolean; readonly phrases: boolean }
    open(options: { readonly signal: AbortSignal; readonly heard: (event: Heard) => void }): {
      readonly ready: Promise<void>
      audio(payload: string): void
      close(): Promise<void>
    }
  }
  /** Speaks. Returns whether anybody listens; who begins to listen in the middle hears nothing of it. */
  speak(words: string): boolean
}

export function createTestRecognizer(clock: SteppedClock): TestRecognizer {
  const listeners = new Set<Listener>()

  return {
    recognizer: {
      name: 'test',
      capabilities: { interim: true, voiceActivity: true, phrases: true },
      open({ signal, heard }) {
        const listener: Listener = { heard }
        const close = () => void listeners.delete(listener)
        listeners.add(listener)
        signal.addEventListener('abort', close, { once: true })
        return {
          ready: Promise.resolve(),
          audio() {},
          close: async () => close(),
        }
      },
    },
    speak(words) {
      const text = words.trim().replaceAll(/\s+/g, ' ')
      const spoken = text.split(' ')
      const hearing = [...listeners]
      const tell = (afterMs: number, event: Heard) =>
        clock.after(afterMs, () => {
          for (const listener of hearing) if (listeners.has(listener)) listener.heard(event)
        })
      tell(0, { type: 'started' })
      for (const place of spoken.keys())
        tell((place + 1) * wordMs, { type: 'interim', text: spoken.slice(0, place + 1).join(' ') })
      const endMs = spoken.length * wordMs + endpointMs
      tell(endMs, { type: 'final', text })
      tell(endMs, { type: 'utterance', text })
      return hearing.length > 0
    },
  }
}
