import type { LiveCall } from '../call/live-call.ts'
import { BridgeError } from '../errors.ts'
import type { Heard, Recognizer } from '../hearing/recognizer.ts'
import type { Clock } from '../ops/clock.ts'
import type { Log } from '../ops/logger.ts'

type Listener = (event: Heard) => void

/** How often it is told that the callee speaks. */
const signMs = 1_000

/**
 * Listens to the callee with a recognizer, as long as somebody wants to know what is said. Who listens at the same time
 * shares a session: each is paid for by the minute.
 */
export interface Ears {
  /** There is no recognizer: nothing will ever be heard. */
  readonly none: boolean
  /**
   * Tells what is heard from now on, and `failed` at last if the recognizer fails; without a recognizer that is all that
   * is told. Never before it has returned.
   *
   * @param phrases what is likely to be said
   * @returns the way out
   */
  listen(heard: Listener, phrases?: readonly string[]): () => void
}

/** One session of the recognizer, and who listens to it. */
interface Hearing {
  readonly phrases: readonly string[]
  readonly listeners: Set<Listener>
  close(): void
}

export function createEars(
  call: Pick<LiveCall, 'listen' | 'report' | 'signal' | 'tellWords'>,
  {
    recognizer,
    log,
    clock,
  }: { readonly recognizer?: Recognizer | undefined; readonly log: Log; readonly clock: Clock },
): Ears {
  let hearings: readonly Hearing[] = []
  let told = false
  let spokeMs = Number.NEGATIVE_INFINITY

  /** Whoever speaks is not idle. */
  function words(): void {
    if (clock.now() - spokeMs < signMs) return
    spokeMs = clock.now()
    call.report({ type: 'speech' })
  }

  function open(by: Recognizer, phrases: readonly string[]): Hearing {
    const life = new AbortController()
    const listeners = new Set<Listener>()
    const session = by.open({
      signal: AbortSignal.any([life.signal, call.signal]),
      log,
      ...(phrases.length === 0 ? {} : { phrases }),
      heard(event) {
        if (life.signal.aborted) return
        const listening = [...listeners]
        if ('text' in event) words()
        if (event.type === 'failed') {
          hearing.close()
          call.report({ type: 'trouble', error: event.error })
        }
        // Two that listen at a time, one of them for phrases, hear the same words.
        if (event.type === 'utterance' && hearings[0] === hearing) call.tellWords('callee', event.text)
        for (const listener of listening) listener(event)
      },
    })
    session.ready.catch(() => {})
    const deafen = call.listen((payload) => session.audio(payload))
    const hearing: Hearing = {
      phrases,
      listeners,
      close() {
        hearings = hearings.filter((one) => one !== hearing)
        deafen()
        session.close().catch(() => {})
        life.abort()
      },
    }
    hearings = [...hearings, hearing]
    return hearing
  }

  return {
    none: !recognizer,
    listen(heard, phrases = []) {
      // A function may listen twice and leave once.
      let own: Listener = (event) => heard(event)
      if (!recognizer) {
        const error = noRecognizer()
        if (!told) call.report({ type: 'trouble', error })
        told = true
        void Promise.resolve().then(() => own({ type: 'failed', error }))
        return () => {
          own = () => {}
        }
      }
      const alike = hearings.find((one) => phrases.every((phrase) => one.phrases.includes(phrase)))
      const hearing = alike ?? open(recognizer, phrases)
      hearing.listeners.add(own)
      return () => {
        if (hearing.listeners.delete(own) && hearing.listeners.size === 0) hearing.close()
      }
    },
  }
}

function noRecognizer(): BridgeError {
  return new BridgeError('hearing.unavailable', 'No speech recognizer is set up: nothing that is said can be heard.', {
    retryable: false,
  })
}
