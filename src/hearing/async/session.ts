import { createVoiceDetector } from '../../audio/voice-detector.ts'
import type { BridgeError } from '../../errors.ts'
import type { Clock, Timer } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { Connect } from '../../wire/connection.ts'
import { createLink, type Manners } from '../../wire/link.ts'
import type { Heard, RecognizerSession } from '../recognizer.ts'
import { endOf, lookAgainMs } from './ending.ts'
import { closedAtOnce, deafTooLong, frameError, stalled } from './errors.ts'
import { finishMessage, type ServerFrame } from './protocol.ts'
import { createSound } from './sound.ts'
import { createTranscript } from './transcript.ts'

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
/** Base64 of two seconds: what is longer is no frame of a phone. */
const longestPayload = 21_336

const manners: Manners<ServerFrame> = {
  accepts: ({ kind }) => kind === 'reply',
  isAudio: ({ kind }) => kind === 'reply',
  closedAtOnce,
}

export interface SessionDeps {
  readonly clock: Clock
  readonly log: Log
  readonly heard: (event: Heard) => void
}

/** One call's session, on one connection at a time. docs/hearing.md tells the rules. */
export function createSession(connect: Connect<ServerFrame>, { clock, log, heard }: SessionDeps): RecognizerSession {
  const sound = createSound((full) => link.send(full))
  const voice = createVoiceDetector()
  const transcript = createTranscript((event) => {
    if (!over) heard(event)
  })
  const counts = { unknownFrames: 0, malformedFrames: 0, asked: 0, lost: 0 }
  let over = false
  let closing: Promise<void> | undefined
  let lastAudioAt = Number.NEGATIVE_INFINITY
  let changedAt = 0
  /** The last words of this connection are being waited for; it gets no more audio. */
  let asked = false
  /** How much voice there was when a final text was asked for, and nothing has come since. */
  let owedSinceMs: number | undefined
  let lastError: BridgeError | undefined
  let deafTimer: Timer | undefined
  let endTimer: Timer | undefined
  let answerTimer: Timer | undefined

  const link = createLink(
    connect,
    {
      opened: () => sound.connected(),
      settled() {
        deafTimer?.cancel()
        deafTimer = undefined
      },
      frame,
      lost(error) {
        if (sound.isConnected) counts.lost++
        if (asked) conclude()
        sound.disconnected()
        lastError = error
        if (over) return
        if (flowing()) expectConnection()
        // What was said so long ago comes too late.
        else sound.forget()
      },
      down: fail,
      // Without audio nothing has to be heard, and the service may end a connection again and again.
      wanted: flowing,
    },
    manners,
    { clock, log },
  )
  expectConnection()

  function flowing(): boolean {
    return clock.now() - lastAudioAt < flowingMs
  }

  function expectConnection(): void {
    deafTimer ??= clock.after(deafMs, () => link.refuse(lastError ?? deafTooLong(deafMs)))
  }

  function frame(came: ServerFrame): void {
    if (over) return
    if (came.kind === 'error') return link.lose(frameError(came.code))
    if (came.kind === 'unknown') counts.unknownFrames++
    else if (came.kind === 'malformed') {
      if (counts.malformedFrames++ === 0) log.warn({}, 'the recognizer sent what cannot be read; it is left out')
    } else reply(came)
  }

  function reply({ text, final }: { readonly text: string | undefined; readonly final: boolean }): void {
    owedSinceMs = undefined
    const before = transcript.pending
    if (final) transcript.final(text, clock.now())
    else transcript.interim(text ?? '')
    if (over) return
    // A reply does not say of which audio it is: a final text is taken for one of all that was sent.
    if (final) sound.told()
    if (transcript.pending !== before) {
      changedAt = clock.now()
      endTimer?.cancel()
      endTimer = clock.after(lookAgainMs, considerEnd)
    }
    if (final && asked) {
      answerTimer?.cancel()
      answerTimer = clock.after(moreMs, renew)
    } else considerEnd()
  }

  function considerEnd(): void {
    if (over || asked || transcript.pending === '') return
    const { open } = transcript
    const end = endOf({ open, unchangedMs: clock.now() - changedAt, silentMs: voice.silentMs })
    if (end === 'ask') ask()
    else if (end === 'end') transcript.end()
  }

  function ask(): void {
    if (!sound.isConnected) return conclude()
    counts.asked++
    asked = true
    sound.finish()
    link.send(finishMessage)
    owedSinceMs = voice.voicedMs
    answerTimer = clock.after(answerMs, renew)
  }

  /** What was guessed last stands: of the audio so far nothing more is to be told. */
  function conclude(): void {
    answerTimer?.cancel()
    asked = false
    sound.told()
    transcript.end()
  }

  /** A connection that was asked for its last words has come to its end: what is said next goes to another. */
  function renew(): void {
    conclude()
    if (over) return
    sound.disconnected()
    if (flowing()) expectConnection()
    link.replace()
  }

  function stop(): void {
    over = true
    for (const timer of [deafTimer, endTimer, answerTimer]) timer?.cancel()
  }

  function fail(error: BridgeError): void {
    if (over) return
    transcript.end()
    // Whoever was told that may have closed the session.
    if (over) return
    stop()
    heard({ type: 'failed', error })
  }

  return {
    ready: link.ready,
    audio(payload) {
      if (over || payload.length > longestPayload) return
      const bytes = Buffer.from(payload, 'base64')
      if (bytes.length === 0) return
      lastAudioAt = clock.now()
      sound.push(bytes)
      voice.push(bytes)
      if (!sound.isConnected) {
        link.wake()
        expectConnection()
      }
      considerEnd()
      if (owedSinceMs !== undefined && voice.voicedMs - owedSinceMs >= stallVoicedMs)
        link.refuse(stalled(stallVoicedMs))
    },
    close() {
      if (closing) return closing
      stop()
      closing = link.close()
      log.debug(counts, 'hearing session closed')
      return closing
    },
  }
}
