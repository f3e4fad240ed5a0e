import type { LiveCall } from '../call/live-call.ts'
import { BridgeError } from '../errors.ts'
import type { Heard, Recognizer, RecognizerSession } from '../hearing/recognizer.ts'
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

type ListenedTo = Pick<LiveCall, 'listen' | 'report' | 'signal' | 'tellWords'>

interface EarsDeps {
  readonly recognizer?: Recognizer | undefined
  readonly log: Log
  readonly clock: Clock
}

export function createEars(call: ListenedTo, deps: EarsDeps): Ears {
  return new CallEars(call, deps)
}

const nobody: readonly Hearing[] = []

class CallEars implements Ears {
  readonly none: boolean
  readonly call: ListenedTo
  readonly log: Log
  readonly #recognizer: Recognizer | undefined
  readonly #clock: Clock
  #hearings = nobody
  #told = false
  #spokeMs = Number.NEGATIVE_INFINITY

  constructor(call: ListenedTo, { recognizer, log, clock }: EarsDeps) {
    this.none = !recognizer
    this.call = call
    this.log = log
    this.#recognizer = recognizer
    this.#clock = clock
  }

  listen(heard: Listener, phrases: readonly string[] = []): () => void {
    if (!this.#recognizer) return this.#tellNone(heard)
    // A function may listen twice and leave once.
    const own: Listener = (event) => heard(event)
    const alike = this.#hearings.find((one) => phrases.every((phrase) => one.phrases.includes(phrase)))
    const hearing = alike ?? this.#open(this.#recognizer, phrases)
    hearing.listeners.add(own)
    return () => {
      if (hearing.listeners.delete(own) && hearing.listeners.size === 0) hearing.close()
    }
  }

  #open(recognizer: Recognizer, phrases: readonly string[]): Hearing {
    const hearing = new Hearing(this, recognizer, phrases)
    this.#hearings = [...this.#hearings, hearing]
    return hearing
  }

  closed(hearing: Hearing): void {
    this.#hearings = this.#hearings.filter((one) => one !== hearing)
  }

  /** Two that listen at a time, one of them for phrases, hear the same words. */
  isFirst(hearing: Hearing): boolean {
    return this.#hearings[0] === hearing
  }

  /** Whoever speaks is not idle. */
  words(): void {
    const now = this.#clock.now()
    if (now - this.#spokeMs < signMs) return
    this.#spokeMs = now
    this.call.report({ type: 'speech' })
  }

  #tellNone(heard: Listener): () => void {
    let left = false
    const error = noRecognizer()
    if (!this.#told) this.call.report({ type: 'trouble', error })
    this.#told = true
    void Promise.resolve().then(() => {
      if (!left) heard({ type: 'failed', error })
    })
    return () => {
      left = true
    }
  }
}

/** One session of the recognizer, and who listens to it. */
class Hearing {
  readonly phrases: readonly string[]
  readonly listeners = new Set<Listener>()
  readonly #ears: CallEars
  readonly #session: RecognizerSession
  readonly #life = new AbortController()
  readonly #deafen: () => void

  constructor(ears: CallEars, recognizer: Recognizer, phrases: readonly string[]) {
    const { call, log } = ears
    this.phrases = phrases
    this.#ears = ears
    this.#session = recognizer.open({
      signal: AbortSignal.any([this.#life.signal, call.signal]),
      log,
      ...(phrases.length === 0 ? {} : { phrases }),
      heard: (event) => this.#heard(event),
    })
    this.#session.ready.catch(() => {})
    // The session itself: no function of ours stands between it and the frames.
    this.#deafen = call.listen(this.#session)
  }

  close(): void {
    this.#ears.closed(this)
    this.#deafen()
    this.#session.close().catch(() => {})
    this.#life.abort()
  }

  #heard(event: Heard): void {
    if (this.#life.signal.aborted) return
    const { call } = this.#ears
    const listening = [...this.listeners]
    if ('text' in event) this.#ears.words()
    if (event.type === 'failed') {
      this.close()
      call.report({ type: 'trouble', error: event.error })
    }
    if (event.type === 'utterance' && this.#ears.isFirst(this)) call.tellWords('callee', event.text)
    for (const listener of listening) listener(event)
  }
}

function noRecognizer(): BridgeError {
  return new BridgeError('hearing.unavailable', 'No speech recognizer is set up: nothing that is said can be heard.', {
    retryable: false,
  })
}
