import { asBridgeError, BridgeError } from '../errors.ts'
import type { Clock } from '../ops/clock.ts'
import type {
  SpeechInput,
  SpeechProvider,
  SpeechSession,
  SpeechSessionOptions,
  SpeechSink,
  VoiceChoice,
} from './provider.ts'
import { whyNotChoice } from './speakable.ts'
import { createTurns, type Turn, type Turns } from './turns.ts'

/**
 * A voice that can change in the middle of a call: one session of the provider for each voice, opened before the former
 * one is closed. Utterances are passed on in the order they were begun, whichever session makes them, so that the new
 * voice may be made while the old one is still passed on.
 *
 * A voice that cannot be had is a wrong voice, not silence: what was to be spoken in it is spoken in the former one.
 */
export interface ChangingSession {
  /** As of the session that the call began with. */
  readonly ready: Promise<void>
  /** The voice that is chosen now, for a text. Its session stays open until it is released. */
  take(): TakenVoice
  /**
   * What is taken from now on speaks like this; what the choice leaves out stays as it is, without a choice all is as
   * the session began. Resolves when the voice would speak now.
   *
   * Rejects with `voice.invalid` (the provider cannot speak like this), `call.ended`, or why no session could be had:
   * then the former voice goes on, also for what was taken meanwhile.
   */
  choose(choice?: VoiceChoice): Promise<void>
  /** Ends everything. Idempotent; resolves within a second. */
  close(): Promise<void>
}

export interface TakenVoice {
  readonly language: string | undefined
  speak(sink: SpeechSink): SpeechInput
  /** Nothing more is spoken with it. Idempotent. */
  release(): void
}

/** A callee waits no longer for a new voice; the old one is at hand. */
const readyDueMs = 3_000

interface Voice {
  readonly choice: VoiceChoice
  readonly session: SpeechSession
  ready: Promise<void>
  state: 'opening' | 'ready' | 'failed'
  /** Speaks in its place, should it not become ready. Held open until that is known. */
  fallback: Voice | undefined
  /** Who may still speak with it: texts, and voices that may fall back to it. */
  holders: number
  /** What is to be spoken with it once it is ready. */
  waiting: readonly Turn[]
}

const none: readonly Turn[] = []

export function openChanging(provider: SpeechProvider, options: SpeechSessionOptions, clock: Clock): ChangingSession {
  return new SessionOfVoices(provider, options, clock)
}

class SessionOfVoices implements ChangingSession {
  readonly ready: Promise<void>
  readonly #provider: SpeechProvider
  readonly #options: SpeechSessionOptions
  readonly #clock: Clock
  readonly #turns = createTurns()
  readonly #abort = () => void this.close()
  #voices: readonly Voice[] = []
  #current: Voice
  #closing: Promise<void> | undefined = undefined

  constructor(provider: SpeechProvider, options: SpeechSessionOptions, clock: Clock) {
    this.#provider = provider
    this.#options = options
    this.#clock = clock
    this.#current = this.#addVoice(options.voice ?? {}, provider.open(options), undefined)
    this.ready = this.#current.ready
    if (options.signal.aborted) this.#abort()
    else options.signal.addEventListener('abort', this.#abort, { once: true })
  }

  #addVoice(choice: VoiceChoice, session: SpeechSession, fallback: Voice | undefined): Voice {
    const { ready } = session
    const state = fallback ? 'opening' : 'ready'
    const voice: Voice = { choice, session, ready, state, fallback, holders: 0, waiting: none }
    this.#voices = [...this.#voices, voice]
    if (fallback) {
      fallback.holders++
      voice.ready = this.#settleInTime(voice)
    }
    return voice
  }

  #settleInTime(voice: Voice): Promise<void> {
    const due = Promise.withResolvers<void>()
    const ready = Promise.race([voice.session.ready, due.promise])
    const timer = this.#clock.after(readyDueMs, () => due.reject(notReady()))
    ready
      .then(
        () => this.#settle(voice, undefined),
        (thrown: unknown) => this.#settle(voice, asBridgeError(thrown)),
      )
      .finally(() => timer.cancel())
    return ready
  }

  #settle(voice: Voice, error: BridgeError | undefined): void {
    voice.state = error ? 'failed' : 'ready'
    if (error && !this.#closing)
      this.#options.log?.warn({ errorCode: error.code }, 'the new voice cannot be had; the former one goes on')
    const { fallback, waiting } = voice
    while (this.#current.state === 'failed' && this.#current.fallback) this.#current = this.#current.fallback
    voice.waiting = none
    for (const turn of waiting) this.speakIn(voice, turn)
    if (error) void voice.session.close()
    else if (fallback) {
      voice.fallback = undefined
      this.letGo(fallback)
    }
    this.#closeUnused(voice)
  }

  /** Speaks with the voice itself, or with the nearest former one in the place of a voice that cannot be had. */
  speakIn(voice: Voice, turn: Turn): void {
    if (voice.state === 'opening') voice.waiting = [...voice.waiting, turn]
    else if (voice.state === 'failed' && voice.fallback) this.speakIn(voice.fallback, turn)
    else turn.speakIn(voice.session)
  }

  letGo(voice: Voice): void {
    voice.holders--
    this.#closeUnused(voice)
  }

  #closeUnused(voice: Voice): void {
    if (voice === this.#current || voice.holders > 0 || voice.state === 'opening') return
    if (!this.#voices.includes(voice)) return
    this.#voices = this.#voices.filter((one) => one !== voice)
    void voice.session.close()
    if (voice.fallback) this.letGo(voice.fallback)
  }

  take(): TakenVoice {
    return new Taken(this, this.#turns, this.#current)
  }

  choose(choice?: VoiceChoice): Promise<void> {
    const wanted = choice ? { ...this.#current.choice, ...choice } : (this.#options.voice ?? {})
    const problem = this.#closing ? callOver() : whyNotChoice(choice ?? {}, this.#provider.capabilities)
    if (problem) return unwatched(problem)
    const former = this.#current
    const same = this.#voices.find((voice) => voice.state !== 'failed' && isSame(voice.choice, wanted))
    this.#current = same ?? this.#addVoice(wanted, this.#open(wanted), former)
    this.#closeUnused(former)
    return this.#current.ready
  }

  #open(voice: VoiceChoice): SpeechSession {
    return this.#provider.open({ ...this.#options, voice, prepare: [] })
  }

  close(): Promise<void> {
    if (this.#closing) return this.#closing
    this.#options.signal.removeEventListener('abort', this.#abort)
    this.#turns.close()
    this.#closing = Promise.all(this.#voices.map((voice) => voice.session.close())).then(() => {})
    return this.#closing
  }
}

class Taken implements TakenVoice {
  readonly language: string | undefined
  readonly #of: SessionOfVoices
  readonly #turns: Turns
  readonly #voice: Voice
  #held = true

  constructor(of: SessionOfVoices, turns: Turns, voice: Voice) {
    this.language = voice.choice.language
    this.#of = of
    this.#turns = turns
    this.#voice = voice
    voice.holders++
  }

  speak(sink: SpeechSink): SpeechInput {
    const turn = this.#turns.add(sink)
    this.#of.speakIn(this.#voice, turn)
    return turn
  }

  release(): void {
    if (this.#held) this.#of.letGo(this.#voice)
    this.#held = false
  }
}

function isSame(one: VoiceChoice, other: VoiceChoice): boolean {
  const keys = ['voice', 'model', 'language', 'speed'] as const
  return keys.every((key) => one[key] === other[key])
}

/** A change of voice need not be awaited. */
function unwatched(problem: BridgeError): Promise<void> {
  const { promise, reject } = Promise.withResolvers<void>()
  promise.catch(() => {})
  reject(problem)
  return promise
}

function callOver(): BridgeError {
  return new BridgeError('call.ended', 'The call is over; its voice cannot be changed any more.')
}

function notReady(): BridgeError {
  return new BridgeError(
    'speech.unavailable',
    `The new voice was not ready within ${readyDueMs} ms; the former one goes on.`,
  )
}
