import type { BridgeError } from '../../errors.ts'
import type { Clock, Timer } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { Connect } from '../../wire/connection.ts'
import { createLink, type Manners } from '../../wire/link.ts'
import type { Heard, RecognizerSession } from '../recognizer.ts'
import { createBacklog } from '../backlog.ts'
import { deafTooLong, frameError, stalled } from './errors.ts'
import { createPackets } from './packets.ts'
import type { Aside } from './protocol.ts'

/** So long a caller may speak to nobody; then it is told, and something else can be asked of him. */
const deafMs = 5000
/** A service that owes an end and says nothing at all for so long is not listening any more. */
const stallMs = 5000
/** Base64 of two seconds: what is longer is no frame of a phone. */
const longestPayload = 21_336

/** A way of listening: by endpoints (/v1/listen) or by turns (/v2/listen). */
export interface Dialect<Frame> {
  readonly manners: Manners<Frame>
  /**
   * So long behind the last new word the service must have ended an utterance by itself. Less than the 3 s after which a
   * question takes it for ended (src/flows/attempt.ts): the next one must not hear of it.
   */
  readonly concludeMs: number
  /** Sound that goes out together; left out: each frame as it came. */
  readonly packetBytes?: number
  /** What keeps a connection without audio, where pings do not. */
  readonly keepalive?: string
  /** Asks for an end that did not come, where that can be asked for. */
  readonly finalize?: string
  transcribe(tell: (event: Heard) => void): Transcriber<Frame>
}

/** Frames as utterances. Times are those of the session, not of one connection. */
export interface Transcriber<Frame> {
  /** A connection stands: what is said from here on can be heard again, if it was not told. */
  resume(keptMs: number): void
  /** A frame of a connection whose audio begins at `connectionMs`. Returns it if it is not about what was said. */
  take(frame: Frame, connectionMs: number): Aside | undefined
  /** The utterance has ended, as far as can be told. */
  conclude(): void
  /** Words of an utterance that has not ended; changes whenever they do. */
  readonly pending: string
  /** Up to here the audio has been told for good. */
  readonly toldMs: number
}

export interface SessionDeps<Frame> {
  readonly clock: Clock
  readonly log: Log
  readonly dialect: Dialect<Frame>
  readonly heard: (event: Heard) => void
}

/** One call's session, on one connection at a time. docs/hearing.md tells the rules. */
export function createSession<Frame>(connect: Connect<Frame>, deps: SessionDeps<Frame>): RecognizerSession {
  const { clock, log, dialect } = deps
  const backlog = createBacklog()
  const packets = createPackets(dialect.packetBytes ?? 0)
  const transcript = dialect.transcribe((event) => {
    if (!over) deps.heard(event)
  })
  const counts = { unknownFrames: 0, malformedFrames: 0, concluded: 0, lost: 0 }
  let over = false
  let closing: Promise<void> | undefined
  let connected = false
  /** Where the audio of this connection begins in that of the session. */
  let connectionMs = 0
  let fed = true
  let stalls = 0
  let lastError: BridgeError | undefined
  let deafTimer: Timer | undefined
  let endTimer: Timer | undefined
  let stallTimer: Timer | undefined

  const link = createLink(
    connect,
    {
      opened() {
        connected = true
        transcript.resume(backlog.kept().startMs)
        backlog.dropBefore(transcript.toldMs)
        const { frames, startMs } = backlog.kept()
        connectionMs = startMs
        fed = frames.length > 0
        for (const kept of frames) link.send(kept)
        if (stalls > 0) watchForStall()
      },
      settled() {
        deafTimer?.cancel()
        deafTimer = undefined
      },
      frame,
      lost(error) {
        if (connected) counts.lost++
        connected = false
        lastError = error
        stallTimer?.cancel()
        if (fed) expectConnection()
      },
      down: fail,
      keepalive: () => dialect.keepalive ?? '',
      // Without audio the service ends a connection again and again.
      wanted: () => fed,
    },
    dialect.manners,
    { clock, log },
  )
  expectConnection()

  function expectConnection(): void {
    deafTimer ??= clock.after(deafMs, () => link.refuse(lastError ?? deafTooLong(deafMs)))
  }

  function frame(came: Frame): void {
    if (over) return
    const before = transcript.pending
    const aside = transcript.take(came, connectionMs)
    if (aside) return setAside(aside)
    backlog.dropBefore(transcript.toldMs)
    stalls = 0
    stallTimer?.cancel()
    if (transcript.pending !== before) watchForEnd()
  }

  function setAside(aside: Aside): void {
    if (aside.kind === 'error') return link.lose(frameError(aside.code))
    if (aside.kind === 'unknown') counts.unknownFrames++
    if (aside.kind === 'malformed' && counts.malformedFrames++ === 0)
      log.warn({}, 'the recognizer sent what cannot be read; it is left out')
  }

  function watchForEnd(): void {
    endTimer?.cancel()
    if (over || transcript.pending === '') return
    endTimer = clock.after(dialect.concludeMs, () => {
      counts.concluded++
      transcript.conclude()
      backlog.dropBefore(transcript.toldMs)
      if (dialect.finalize !== undefined) link.send(dialect.finalize)
      watchForStall()
    })
  }

  function watchForStall(): void {
    stallTimer?.cancel()
    if (over || !connected) return
    stallTimer = clock.after(stallMs, () => {
      const error = stalled(stallMs)
      // A new connection is tried once; one that is as silent is the end.
      if (stalls++ === 0) link.lose(error)
      else link.refuse(error)
    })
  }

  function stop(): void {
    over = true
    for (const timer of [deafTimer, endTimer, stallTimer]) timer?.cancel()
  }

  function fail(error: BridgeError): void {
    if (over) return
    transcript.conclude()
    // Whoever was told that may have closed the session.
    if (over) return
    stop()
    deps.heard({ type: 'failed', error })
  }

  return {
    ready: link.ready,
    audio(payload) {
      if (over || payload.length > longestPayload) return
      const bytes = packets.push(Buffer.from(payload, 'base64'))
      if (bytes === undefined) return
      backlog.push(bytes)
      fed = true
      if (connected) return link.send(bytes)
      link.wake()
      expectConnection()
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
