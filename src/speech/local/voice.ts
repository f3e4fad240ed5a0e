import { msToBytes } from '../../audio/duration.ts'
import { silence } from '../../audio/mulaw.ts'
import { asBridgeError, BridgeError } from '../../errors.ts'
import { stepsOf } from './steps.ts'
import { type SpeechThread, startThread } from './thread.ts'

/**
 * The offline voice: one worker thread for all calls of the process, so that speaking never blocks the event loop.
 *
 * Texts are spoken sentence by sentence, in turns: each text that is being read has at most one sentence waiting, so
 * that a long text delays a short one by a sentence, not by its whole length. The next sentence is begun when the
 * audio of the last has been taken. Speech is some hundred times faster than real time.
 */
export interface LocalVoice {
  /**
   * mu-law (8,000 Hz) pieces of any size, as they are made. Ends early, without an error, when `signal` aborts; other
   * texts notice nothing. An empty text says nothing, but loads the engine and checks the language.
   *
   * Throws a BridgeError: `speech.not-installed`, `text.unspeakable` for a language without a voice, `speech.lost` when
   * the thread crashed and `speech.stalled` when it hung (the next sentence of any text starts a new one),
   * `speech.unavailable` when the voice was closed.
   */
  speak(text: string, options: { language?: string; signal: AbortSignal }): AsyncIterable<Uint8Array>
  /** Ends the thread; texts still being spoken fail. Idempotent. */
  close(): Promise<void>
}

export interface LocalVoiceOptions {
  /** A module to load in place of eSpeak NG, by URL or name: for tests. */
  readonly engine?: string
  /** The thread is given up when it makes no sound for so long; loading is included. */
  readonly stallMs?: number
}

const defaultStallMs = 20_000
const silencePieceMs = 200

interface Turn {
  readonly ssml: string
  readonly language: string
  readonly stop: Int32Array
  audio(bytes: Uint8Array): void
  ended(error?: BridgeError): void
}

/** Its thread starts with the first text, and anew after a crash. */
export function createLocalVoice({ engine, stallMs = defaultStallMs }: LocalVoiceOptions = {}): LocalVoice {
  const waiting = new Set<Turn>()
  let thread: SpeechThread | undefined
  let busy = false
  let closed = false

  async function takeTurns(): Promise<void> {
    if (busy) return
    busy = true
    for (const turn of waiting) {
      waiting.delete(turn)
      try {
        if (!thread || thread.dead) thread = startThread(engine, stallMs)
        const { ssml, language, stop } = turn
        await thread.run({ ssml, language, stop }, (bytes) => turn.audio(bytes))
        turn.ended()
      } catch (error) {
        turn.ended(asBridgeError(error))
      }
    }
    busy = false
  }

  async function* say(ssml: string, language: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    if (closed) throw closedError()
    const pieces: Uint8Array[] = []
    let over = false
    let failure: BridgeError | undefined
    let wake = () => {}
    const turn: Turn = {
      ssml,
      language,
      stop: new Int32Array(new SharedArrayBuffer(4)),
      audio(bytes) {
        pieces.push(bytes)
        wake()
      },
      ended(error) {
        over = true
        failure = error
        wake()
      },
    }
    const giveUp = () => {
      Atomics.store(turn.stop, 0, 1)
      waiting.delete(turn)
      wake()
    }
    signal.addEventListener('abort', giveUp, { once: true })
    waiting.add(turn)
    void takeTurns()
    try {
      while (!signal.aborted) {
        const piece = pieces.shift()
        if (piece) yield piece
        else if (failure) throw failure
        else if (over) return
        else
          await new Promise<void>((resolve) => {
            wake = resolve
          })
      }
    } finally {
      signal.removeEventListener('abort', giveUp)
      giveUp()
    }
  }

  return {
    async *speak(text, { language = 'en', signal }) {
      if (signal.aborted) return
      const steps = stepsOf(text, language)
      if (!steps.some((step) => step.kind === 'say')) yield* say('', language, signal)
      for (const step of steps) {
        if (step.kind === 'say') yield* say(step.ssml, language, signal)
        else yield* quiet(step.silenceMs, signal)
      }
    },
    async close() {
      closed = true
      for (const turn of waiting) turn.ended(closedError())
      waiting.clear()
      await thread?.end(closedError())
    },
  }
}

function* quiet(silenceMs: number, signal: AbortSignal): Generator<Uint8Array> {
  for (let restMs = silenceMs; restMs > 0 && !signal.aborted; restMs -= silencePieceMs)
    yield new Uint8Array(msToBytes(Math.min(restMs, silencePieceMs))).fill(silence)
}

function closedError(): BridgeError {
  return new BridgeError('speech.unavailable', 'The offline voice was closed.', { retryable: false })
}
