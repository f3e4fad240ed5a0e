import { createVoiceDetector } from '../../audio/voice-detector.ts'
import type { BridgeError } from '../../errors.ts'
import type { Clock, Timer } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { Connect } from '../../wire/connection.ts'
import { createLink, type Link, type LinkEvents, type Manners } from '../../wire/link.ts'
import type { Heard, RecognizerSession } from '../recognizer.ts'
import { soundOf } from '../sound-of.ts'
import { endOf, lookAgainMs } from './ending.ts'
import { closedAtOnce, deafTooLong, frameError, stalled } from './errors.ts'
import { finishMessage, type ServerFrame } from './protocol.ts'
import { createSound, type Sound } from './sound.ts'
import { createTranscript, type Transcript } from './transcript.ts'

/** So long the final text is waited for that was asked for. One was seen 360 ms late. */
const answerMs = 600
/** And so long another one behind it. */
const moreMs = 100
/** So long a caller may speak to nobody; then it is told, and something else can be asked of him. */
const deafMs = 5000
/** So much voice without a word from a service that owes one: it is not listening any more. */
const stallVoicedMs = 5000
/** Frames come every 20 ms; behind such a gap nobody is sending any. */
const flowingMs = 1000

const manners: Manners<ServerFrame> = {
  accepts: ({ kind }) => kind === 'reply',
  isAudio: ({ kind }) => kind === 'reply',
  closedAtOnce,
}

export interface SessionDeps {
  readonly clock: Clock
  readonly log: Log
  readonly heard: (event: Heard) => void
  /** Closes the session. */
  readonly signal: AbortSignal
}

/** One call's session, on one connection at a time. docs/hearing.md tells the rules. */
export function createSession(connect: Connect<ServerFrame>, deps: SessionDeps): RecognizerSession {
  return new Session(connect, deps)
}

class Session implements RecognizerSession, LinkEvents<ServerFrame> {
  // What each frame of sound looks at comes first.
  #over = false
  /** The last words of this connection are being waited for; it gets no more audio. */
  #asked = false
  #lastAudioAt = Number.NEGATIVE_INFINITY
  /** How much voice there was when a final text was asked for, and nothing has come since. Not a number: nothing is owed. */
  #owedSinceMs = Number.NaN
  readonly #voice = createVoiceDetector()
  readonly #sound: Sound
  readonly #transcript: Transcript
  readonly #clock: Clock
  readonly #link: Link
  readonly ready: Promise<void>
  readonly #log: Log
  readonly #heard: (event: Heard) => void
  readonly #signal: AbortSignal
  #changedAt = 0
  #unknownFrames = 0
  #malformedFrames = 0
  #timesAsked = 0
  #lost = 0
  #closing: Promise<void> | undefined
  #lastError: BridgeError | undefined
  #deafTimer: Timer | undefined
  #endTimer: Timer | undefined
  #answerTimer: Timer | undefined

  constructor(connect: Connect<ServerFrame>, { clock, log, heard, signal }: SessionDeps) {
    this.#clock = clock
    this.#log = log
    this.#heard = heard
    this.#signal = signal
    this.#transcript = createTranscript((event) => {
      if (!this.#over) heard(event)
    })
    this.#link = createLink(connect, this, manners, { clock, log })
    this.#sound = createSound(this.#link)
    this.ready = this.#link.ready
    this.#expectConnection()
    if (signal.aborted) this.handleEvent()
    else signal.addEventListener('abort', this, { once: true })
  }

  audio(payload: string): void {
    if (this.#over) return
    const bytes = soundOf(payload)
    if (bytes.length === 0) return
    this.#lastAudioAt = this.#clock.now()
    this.#sound.push(bytes)
    this.#voice.push(bytes)
    if (!this.#sound.isConnected) {
      this.#link.wake()
      this.#expectConnection()
    }
    this.#considerEnd()
    if (this.#voice.voicedMs - this.#owedSinceMs >= stallVoicedMs) this.#link.refuse(stalled(stallVoicedMs))
  }

  close(): Promise<void> {
    if (this.#closing) return this.#closing
    this.#signal.removeEventListener('abort', this)
    this.#stop()
    this.#closing = this.#link.close()
    const counts = {
      unknownFrames: this.#unknownFrames,
      malformedFrames: this.#malformedFrames,
      asked: this.#timesAsked,
      lost: this.#lost,
    }
    this.#log.debug(counts, 'hearing session closed')
    return this.#closing
  }

  /** The signal was aborted. */
  handleEvent(): void {
    void this.close()
  }

  opened(): void {
    this.#sound.connected()
  }

  settled(): void {
    this.#deafTimer?.cancel()
    this.#deafTimer = undefined
  }

  frame(came: ServerFrame): void {
    if (this.#over) return
    if (came.kind === 'error') return this.#link.lose(frameError(came.code))
    if (came.kind === 'unknown') this.#unknownFrames++
    else if (came.kind === 'malformed') {
      if (this.#malformedFrames++ > 0) return
      this.#log.warn({}, 'the recognizer sent what cannot be read; it is left out')
    } else this.#reply(came)
  }

  lost(error: BridgeError): void {
    if (this.#sound.isConnected) this.#lost++
    if (this.#asked) this.#conclude()
    this.#sound.disconnected()
    this.#lastError = error
    if (this.#over) return
    if (this.wanted()) this.#expectConnection()
    // What was said so long ago comes too late.
    else this.#sound.forget()
  }

  down(error: BridgeError): void {
    if (this.#over) return
    this.#transcript.end()
    // Whoever was told that may have closed the session.
    if (this.#over) return
    this.#stop()
    this.#heard({ type: 'failed', error })
  }

  /** Without audio nothing has to be heard, and the service may end a connection again and again. */
  wanted(): boolean {
    return this.#clock.now() - this.#lastAudioAt < flowingMs
  }

  #expectConnection(): void {
    this.#deafTimer ??= this.#clock.after(deafMs, () => this.#link.refuse(this.#lastError ?? deafTooLong(deafMs)))
  }

  #reply({ text, final }: { readonly text: string | undefined; readonly final: boolean }): void {
    this.#owedSinceMs = Number.NaN
    const before = this.#transcript.pending
    if (final) this.#transcript.final(text, this.#clock.now())
    else this.#transcript.interim(text ?? '')
    if (this.#over) return
    // A reply does not say of which audio it is: a final text is taken for one of all that was sent.
    if (final) this.#sound.told()
    if (this.#transcript.pending !== before) {
      this.#changedAt = this.#clock.now()
      this.#endTimer?.cancel()
      this.#endTimer = this.#clock.after(lookAgainMs, () => this.#considerEnd())
    }
    if (final && this.#asked) {
      this.#answerTimer?.cancel()
      this.#answerTimer = this.#clock.after(moreMs, () => this.#renew())
    } else this.#considerEnd()
  }

  #considerEnd(): void {
    if (this.#over || this.#asked || this.#transcript.pending === '') return
    const unchangedMs = this.#clock.now() - this.#changedAt
    const end = endOf({ open: this.#transcript.open, unchangedMs, silentMs: this.#voice.silentMs })
    if (end === 'ask') this.#ask()
    else if (end === 'end') this.#transcript.end()
  }

  #ask(): void {
    if (!this.#sound.isConnected) return this.#conclude()
    this.#timesAsked++
    this.#asked = true
    this.#sound.finish()
    this.#link.send(finishMessage)
    this.#owedSinceMs = this.#voice.voicedMs
    this.#answerTimer = this.#clock.after(answerMs, () => this.#renew())
  }

  /** What was guessed last stands: of the audio so far nothing more is to be told. */
  #conclude(): void {
    this.#answerTimer?.cancel()
    this.#asked = false
    this.#sound.told()
    this.#transcript.end()
  }

  /** A connection that was asked for its last words has come to its end: what is said next goes to another. */
  #renew(): void {
    this.#conclude()
    if (this.#over) return
    this.#sound.disconnected()
    if (this.wanted()) this.#expectConnection()
    this.#link.replace()
  }

  #stop(): void {
    this.#over = true
    for (const timer of [this.#deafTimer, this.#endTimer, this.#answerTimer]) timer?.cancel()
  }
}
