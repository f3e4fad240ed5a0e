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
import { createTurns, type Turn } from './turns.ts'

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
  readonly ready: Promise<void>
  state: 'opening' | 'ready' | 'failed'
  /** Speaks in its place, should it not become ready. Held open until that is known. */
  fallback: Voice | undefined
  /** Who may still speak with it: texts, and voices that may fall back to it. */
  holders: number
  /** What is to be spoken with it once it is ready. */
  readonly waiting: Turn[]
}

export function openChanging(provider: SpeechProvider, options: SpeechSessionOptions, clock: Clock): ChangingSession {
  const { voice: firstChoice = {} } = options
  const turns = createTurns()
  const voices = new Set<Voice>()
  let closing: Promise<void> | undefined
  const first = addVoice(firstChoice, provider.open(options), undefined)
  let current = first

  function addVoice(choice: VoiceChoice, session: SpeechSession, fallback: Voice | undefined): Voice {
    const due = Promise.withResolvers<void>()
    const ready = fallback ? Promise.race([session.ready, due.promise]) : session.ready
    const state = fallback ? 'opening' : 'ready'
    const voice: Voice = { choice, session, ready, state, fallback, holders: 0, waiting: [] }
    voices.add(voice)
    if (fallback) {
      fallback.holders++
      const timer = clock.after(readyDueMs, () => due.reject(notReady()))
      ready
        .then(
          () => settle(voice, undefined),
          (thrown: unknown) => settle(voice, asBridgeError(thrown)),
        )
        .finally(() => timer.cancel())
    }
    return voice
  }

  function settle(voice: Voice, error: BridgeError | undefined): void {
    voice.state = error ? 'failed' : 'ready'
    if (error && !closing)
      options.log?.warn({ errorCode: error.code }, 'the new voice cannot be had; the former one goes on')
    const { fallback } = voice
    while (current.state === 'failed' && current.fallback) current = current.fallback
    for (const turn of voice.waiting.splice(0)) speakIn(voice, turn)
    if (error) void voice.session.close()
    else if (fallback) {
      voice.fallback = undefined
      letGo(fallback)
    }
    closeUnused(voice)
  }

  /** The voice itself, or the nearest former one in the place of a voice that cannot be had. */
  function speakIn(voice: Voice, turn: Turn): void {
    if (voice.state === 'opening') voice.waiting.push(turn)
    else if (voice.state === 'failed' && voice.fallback) speakIn(voice.fallback, turn)
    else turn.speakIn(voice.session)
  }

  function letGo(voice: Voice): void {
    voice.holders--
    closeUnused(voice)
  }

  function closeUnused(voice: Voice): void {
    if (voice === current || voice.holders > 0 || voice.state === 'opening' || !voices.delete(voice)) return
    void voice.session.close()
    if (voice.fallback) letGo(voice.fallback)
  }

  const abort = () => void close()

  function close(): Promise<void> {
    if (closing) return closing
    options.signal.removeEventListener('abort', abort)
    turns.close()
    closing = Promise.all([...voices].map((voice) => voice.session.close())).then(() => {})
    return closing
  }

  if (options.signal.aborted) abort()
  else options.signal.addEventListener('abort', abort, { once: true })

  return {
    ready: first.ready,
    take() {
      const voice = current
      let held = true
      voice.holders++
      return {
        language: voice.choice.language,
        speak(sink) {
          const turn = turns.add(sink)
          speakIn(voice, turn)
          return turn
        },
        release() {
          if (held) letGo(voice)
          held = false
        },
      }
    },
    choose(choice) {
      const wanted = choice ? { ...current.choice, ...choice } : firstChoice
      const problem = closing ? callOver() : whyNotChoice(choice ?? {}, provider.capabilities)
      if (problem) return unwatched(problem)
      const former = current
      const same = [...voices].find((voice) => voice.state !== 'failed' && isSame(voice.choice, wanted))
      current = same ?? addVoice(wanted, provider.open({ ...options, voice: wanted, prepare: [] }), former)
      closeUnused(former)
      return current.ready
    },
    close,
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
