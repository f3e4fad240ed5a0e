import type { BridgeError } from '../../errors.ts'
import type { Clock, Timer } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { Connect } from '../../wire/connection.ts'
import { createLink, type Link, type LinkEvents, type Manners } from '../../wire/link.ts'
import type { Heard, RecognizerSession } from '../recognizer.ts'
import { createBacklog } from '../backlog.ts'
import { soundOf } from '../sound-of.ts'
import { deafTooLong, frameError, stalled } from './errors.ts'
import { createPackets, type Packets } from './packets.ts'
import type { Aside } from './protocol.ts'

/** So long a caller may speak to nobody; then it is told, and something else can be asked of him. */
const deafMs = 5000
/** A service that owes an end and says nothing at all for so long is not listening any more. */
const stallMs = 5000

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
  /** Closes the session. */
  readonly signal: AbortSignal
}

/** One call's session, on one connection at a time. docs/hearing.md tells the rules. */
export function createSession<Frame>(connect: Connect<Frame>, deps: SessionDeps<Frame>): RecognizerSession {
  return new Session(connect, deps)
}

class Session<Frame> implements RecognizerSession, LinkEvents<Frame> {
  // What each frame of sound looks at comes first.
  #over = false
  #connected = false
  #fed = true
  readonly #backlog = createBacklog()
  readonly #packets: Packets | undefined
  readonly #link: Link
  readonly ready: Promise<void>
  readonly #clock: Clock
  readonly #log: Log
  readonly #dialect: Dialect<Frame>
  readonly #heard: (event: Heard) => void
  readonly #signal: AbortSignal
  readonly #transcript: Transcriber<Frame>
  /** Where the audio of this connection begins in that of the session. */
  #connectionMs = 0
  #stalls = 0
  #unknownFrames = 0
  #malformedFrames = 0
  #concluded = 0
  #lost = 0
  #closing: Promise<void> | undefined
  #lastError: BridgeError | undefined
  #deafTimer: Timer | undefined
  #endTimer: Timer | undefined
  #stallTimer: Timer | undefined

  constructor(connect: Connect<Frame>, { clock, log, dialect, heard, signal }: SessionDeps<Frame>) {
    this.#clock = clock
    this.#log = log
    this.#dialect = dialect
    this.#heard = heard
    this.#signal = signal
    this.#packets = dialect.packetBytes === undefined ? undefined : createPackets(dialect.packetBytes)
    this.#transcript = dialect.transcribe((event) => {
      if (!this.#over) heard(event)
    })
    this.#link = createLink(connect, this, dialect.manners, { clock, log })
    this.ready = this.#link.ready
    this.#expectConnection()
    if (signal.aborted) this.handleEvent()
    else signal.addEventListener('abort', this, { once: true })
  }

  audio(payload: string): void {
    if (this.#over) return
    const sound = soundOf(payload)
    const bytes = this.#packets ? this.#packets.push(sound) : sound
    if (bytes === undefined || bytes.length === 0) return
    this.#backlog.push(bytes)
    this.#fed = true
    if (this.#connected) return this.#link.send(bytes)
    this.#link.wake()
    this.#expectConnection()
  }

  close(): Promise<void> {
    if (this.#closing) return this.#closing
    this.#signal.removeEventListener('abort', this)
    this.#stop()
    this.#closing = this.#link.close()
    this.#log.debug(
      {
        unknownFrames: this.#unknownFrames,
        malformedFrames: this.#malformedFrames,
        concluded: this.#concluded,
        lost: this.#lost,
      },
      'hearing session closed',
    )
    return this.#closing
  }

  /** The signal was aborted. */
  handleEvent(): void {
    void this.close()
  }

  opened(): void {
    this.#connected = true
    this.#transcript.resume(this.#backlog.startMs)
    this.#backlog.dropBefore(this.#transcript.toldMs)
    const { frames, startMs } = this.#backlog.kept()
    this.#connectionMs = startMs
    this.#fed = frames.length > 0
    for (const kept of frames) this.#link.send(kept)
    if (this.#stalls > 0) this.#watchForStall()
  }

  settled(): void {
    this.#deafTimer?.cancel()
    this.#deafTimer = undefined
  }

  frame(came: Frame): void {
    if (this.#over) return
    const before = this.#transcript.pending
    const aside = this.#transcript.take(came, this.#connectionMs)
    if (aside) return this.#setAside(aside)
    this.#backlog.dropBefore(this.#transcript.toldMs)
    this.#stalls = 0
    this.#stallTimer?.cancel()
    if (this.#transcript.pending !== before) this.#watchForEnd()
  }

  lost(error: BridgeError): void {
    if (this.#connected) this.#lost++
    this.#connected = false
    this.#lastError = error
    this.#stallTimer?.cancel()
    if (this.#fed) this.#expectConnection()
  }

  down(error: BridgeError): void {
    if (this.#over) return
    this.#transcript.conclude()
    // Whoever was told that may have closed the session.
    if (this.#over) return
    this.#stop()
    this.#heard({ type: 'failed', error })
  }

  keepalive(): string {
    return this.#dialect.keepalive ?? ''
  }

  /** Without audio the service ends a connection again and again. */
  wanted(): boolean {
    return this.#fed
  }

  #expectConnection(): void {
    this.#deafTimer ??= this.#clock.after(deafMs, () => this.#link.refuse(this.#lastError ?? deafTooLong(deafMs)))
  }

  #setAside(aside: Aside): void {
    if (aside.kind === 'error') return this.#link.lose(frameError(aside.code))
    if (aside.kind === 'unknown') this.#unknownFrames++
    if (aside.kind === 'malformed' && this.#malformedFrames++ === 0)
      this.#log.warn({}, 'the recognizer sent what cannot be read; it is left out')
  }

  #watchForEnd(): void {
    this.#endTimer?.cancel()
    if (this.#over || this.#transcript.pending === '') return
    this.#endTimer = this.#clock.after(this.#dialect.concludeMs, () => {
      this.#concluded++
      this.#transcript.conclude()
      this.#backlog.dropBefore(this.#transcript.toldMs)
      if (this.#dialect.finalize !== undefined) this.#link.send(this.#dialect.finalize)
      this.#watchForStall()
    })
  }

  #watchForStall(): void {
    this.#stallTimer?.cancel()
    if (this.#over || !this.#connected) return
    this.#stallTimer = this.#clock.after(stallMs, () => {
      const error = stalled(stallMs)
      // A new connection is tried once; one that is as silent is the end.
      if (this.#stalls++ === 0) this.#link.lose(error)
      else this.#link.refuse(error)
    })
  }

  #stop(): void {
    this.#over = true
    for (const timer of [this.#deafTimer, this.#endTimer, this.#stallTimer]) timer?.cancel()
  }
}
