import type { BridgeError } from '../../errors.ts'
import type { Clock, Timer } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { Connect } from '../../speech/wire/connection.ts'
import { createLink, type Manners } from '../../speech/wire/link.ts'
import type { Heard, RecognizerSession } from '../recognizer.ts'
import { createBacklog } from '../backlog.ts'
import { deafTooLong, frameError, stalled } from './errors.ts'
import { finalizeMessage, keepAliveMessage, type ServerFrame } from './protocol.ts'
import { createTranscript } from './transcript.ts'

/** Behind the silence in which the service should have ended an utterance. */
const endPatienceMs = 1500
/** So long a caller may speak to nobody; then it is told, and something else can be asked of him. */
const deafMs = 5000
/** A service that owes an end and says nothing at all for so long is not listening any more. */
const stallMs = 5000
/** Base64 of two seconds: what is longer is no frame of a phone. */
const longestPayload = 21_336

const manners: Manners<ServerFrame> = {
  accepts: ({ kind }) => kind === 'results' || kind === 'started' || kind === 'utterance-end',
  isAudio: ({ kind }) => kind === 'results',
}

export interface SessionDeps {
  readonly clock: Clock
  readonly log: Log
  readonly utteranceEndMs: number
  readonly heard: (event: Heard) => void
}

/** One call's session, on one connection at a time. docs/hearing.md tells the rules. */
export function createSession(connect: Connect<ServerFrame>, deps: SessionDeps): RecognizerSession {
  const { clock, log } = deps
  const backlog = createBacklog()
  const transcript = createTranscript((event) => {
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
      keepalive: () => keepAliveMessage,
      // Without audio the service ends a connection again and again.
      wanted: () => fed,
    },
    manners,
    { clock, log },
  )
  expectConnection()

  function expectConnection(): void {
    deafTimer ??= clock.after(deafMs, () => link.refuse(lastError ?? deafTooLong(deafMs)))
  }

  function frame(came: ServerFrame): void {
    if (over) return
    const before = transcript.pending
    switch (came.kind) {
      case 'results':
        transcript.results(shifted(came, connectionMs))
        backlog.dropBefore(transcript.toldMs)
        break
      case 'started':
        transcript.started()
        break
      case 'utterance-end':
        transcript.utteranceEnd(came.lastWordEndMs === undefined ? undefined : came.lastWordEndMs + connectionMs)
        break
      case 'error':
        return link.lose(frameError(came.code))
      case 'malformed':
        if (counts.malformedFrames++ === 0) log.warn({}, 'the recognizer sent what cannot be read; it is left out')
        return
      case 'unknown':
        counts.unknownFrames++
        return
      case 'metadata':
        return
    }
    stalls = 0
    stallTimer?.cancel()
    if (transcript.pending !== before) watchForEnd()
  }

  function watchForEnd(): void {
    endTimer?.cancel()
    if (over || transcript.pending === '') return
    endTimer = clock.after(deps.utteranceEndMs + endPatienceMs, () => {
      counts.concluded++
      transcript.conclude()
      backlog.dropBefore(transcript.toldMs)
      link.send(finalizeMessage)
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
      const bytes = Buffer.from(payload, 'base64')
      if (bytes.length === 0) return
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

function shifted(results: Extract<ServerFrame, { kind: 'results' }>, byMs: number) {
  const { startMs, endMs, words } = results
  return {
    ...results,
    startMs: startMs + byMs,
    endMs: endMs + byMs,
    words: words.map((word) => ({ ...word, startMs: word.startMs + byMs, endMs: word.endMs + byMs })),
  }
}
