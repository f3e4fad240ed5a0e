import { BridgeError } from '../src/errors.ts'
import type { Heard, Recognizer, RecognizerSessionOptions } from '../src/hearing/recognizer.ts'

/** A session that a test plays by hand. */
interface HandSession {
  readonly options: RecognizerSessionOptions
  readonly payloads: string[]
  closed: boolean
}

/** A recognizer that hears what a test says it hears, in every session that is open. */
export function handRecognizer() {
  const sessions: HandSession[] = []
  let failing = false

  function hear(...events: readonly Heard[]): void {
    for (const event of events) {
      for (const { options, closed } of sessions) if (!closed) options.heard(event)
    }
  }

  const recognizer: Recognizer = {
    name: 'hand',
    capabilities: { interim: true, voiceActivity: true, phrases: true },
    open(options) {
      const session: HandSession = { options, payloads: [], closed: false }
      sessions.push(session)
      const close = () => {
        session.closed = true
      }
      options.signal.addEventListener('abort', close, { once: true })
      if (failing) void Promise.resolve().then(() => hear({ type: 'failed', error: broken() }))
      return {
        ready: Promise.resolve(),
        audio: (payload) => void session.payloads.push(payload),
        close: async () => close(),
      }
    },
  }
  return {
    recognizer,
    sessions,
    hear,
    /** Words that are being said, and may change. */
    interim: (text: string) => hear({ type: 'started' }, { type: 'interim', text }),
    /** Something said to its end. */
    says: (text: string) => hear({ type: 'started' }, { type: 'final', text }, { type: 'utterance', text }),
    dies: () => hear({ type: 'failed', error: broken() }),
    /** From now on it fails as soon as it is opened. */
    failsAtOnce: () => {
      failing = true
    },
    get open() {
      return sessions.filter(({ closed }) => !closed).length
    },
  }
}

function broken(): BridgeError {
  return new BridgeError('hearing.lost', 'The connection to the recognizer broke off.')
}
