import type { BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { SpeechEnd, SpeechInput, SpeechSession, SpeechSink } from '../provider.ts'
import type { Connect } from './connection.ts'
import { doneEnd, isCertain, isPlausible } from './ending.ts'
import { serviceError } from './errors.ts'
import { belongs, clearLine, createLine, hearAudio, isShared } from './line.ts'
import { createLink } from './link.ts'
import { closeContextMessage, type ServerFrame } from './protocol.ts'
import { shortestSpeechMs } from './shortest-speech.ts'
import { createSpeaker } from './speaker.ts'
import { createUtterance, rewind, type Utterance } from './utterance.ts'

type AudioFrame = Extract<ServerFrame, { kind: 'audio' }>
type ErrorFrame = Extract<ServerFrame, { kind: 'error' }>

/**
 * One call's session: a queue of utterances, spoken one after the other over one connection that is kept warm and
 * made again when it is lost. docs/speech.md tells the rules.
 */
export function createSession(connect: Connect, deps: { clock: Clock; log: Log }): SpeechSession {
  const { clock, log } = deps
  const counts = { foreignFrames: 0, unknownFrames: 0, malformedFrames: 0 }
  const line = createLine()
  let queue: Utterance[] = []
  let current: Utterance | undefined
  let refusal: BridgeError | undefined
  let connectionError: BridgeError | undefined
  let closing: Promise<void> | undefined

  const link = createLink(
    connect,
    {
      opened() {
        line.connected = true
        if (current) speaker.carryOn(current)
      },
      settled() {
        line.settled = true
        if (current) speaker.carryOn(current)
      },
      frame: onFrame,
      lost: onLost,
      down(error) {
        if (!error.retryable) refusal = error
        endAll({ kind: 'failed', error })
      },
      contextId: () => (current?.begun ? current.contextId : undefined),
    },
    deps,
  )
  const speaker = createSpeaker(line, {
    ...deps,
    send: (message) => link.send(message),
    finish,
    connectionError: () => connectionError,
  })

  function advance(): void {
    if (current || closing) return
    current = queue.shift()
    if (!current) return
    link.wake()
    speaker.carryOn(current)
  }

  /** The one way out of an utterance: shut the gate, free the line, tell the sink, speak the next. */
  function finish(utterance: Utterance, end: SpeechEnd): void {
    if (utterance.over) return
    utterance.over = true
    utterance.timer?.cancel()
    if (current === utterance) {
      current = undefined
      if (utterance.begun && line.connected) freeLine(utterance, end.kind === 'done' && isCertain(utterance))
    } else {
      queue = queue.filter((waiting) => waiting !== utterance)
    }
    utterance.sink.ended(end)
    advance()
  }

  /** Makes sure that no late audio of an utterance can be taken for the next one's. */
  function freeLine(utterance: Utterance, complete: boolean): void {
    if (!complete) link.send(closeContextMessage(utterance.contextId))
    if (utterance.contextId === line.serverContextId || (!complete && line.anonymous)) replaceConnection()
    else if (!complete) line.tainted = true
  }

  function replaceConnection(): void {
    clearLine(line)
    link.replace()
  }

  function endAll(end: SpeechEnd): void {
    const all = current ? [current, ...queue] : queue
    queue = []
    for (const utterance of all) finish(utterance, end)
  }

  function onFrame(frame: ServerFrame): void {
    switch (frame.kind) {
      case 'audio':
        onAudio(frame)
        if (frame.final) onFinal(frame.contextId)
        return
      case 'final':
        return onFinal(frame.contextId)
      case 'error':
        return onError(frame)
      case 'ack':
        line.serverContextId = frame.contextId
        return
      case 'unknown':
        counts.unknownFrames++
        return
      case 'malformed':
        if (counts.malformedFrames++ === 0)
          log.warn({ reason: frame.reason }, 'the speech service sent what cannot be read; it is left out')
        if (frame.final) onFinal(frame.contextId)
    }
  }

  function addressee(contextId: string | undefined): Utterance | undefined {
    return current && belongs(line, current, contextId) ? current : undefined
  }

  function onAudio(frame: AudioFrame): void {
    const utterance = addressee(frame.contextId)
    if (!utterance) return onForeignAudio(frame)
    hearAudio(line, utterance, frame.contextId)
    const wasAwaited = utterance.awaitingSince !== undefined
    const wasPlausible = isPlausible(utterance)
    if (utterance.audioBytes === 0) utterance.sent = []
    utterance.audioBytes += frame.audioBytes
    utterance.audioAt = clock.now()
    utterance.awaitingSince = undefined
    // Only these may bring the end nearer than the timer stands.
    if (wasAwaited || (utterance.inputEnded && !wasPlausible && isPlausible(utterance))) speaker.watch(utterance)
    utterance.sink.audio(frame.payload, frame.audioBytes)
  }

  function onForeignAudio(frame: AudioFrame): void {
    counts.foreignFrames++
    if (line.identified || !isShared(line, frame.contextId)) return
    line.anonymous = true
    if (!line.tainted || (current && current.audioBytes > 0)) return
    // Late audio of an utterance that was broken off, or the first of the next: nobody can tell. Begin afresh.
    if (current) rewind(current)
    replaceConnection()
  }

  function onFinal(contextId: string | undefined): void {
    const utterance = addressee(contextId)
    if (utterance?.endedAt !== undefined) utterance.finalAt = clock.now()
    // On a tainted line nobody can tell whose end it is; if there is only silence, another context is worth a try.
    const unclear = line.tainted && !line.identified && isShared(line, contextId) && current?.begun
    const ended = utterance ?? (unclear ? current : undefined)
    if (!ended) return
    if (ended.audioBytes === 0) ended.silentFinalAt ??= clock.now()
    speaker.watch(ended)
  }

  function onError(frame: ErrorFrame): void {
    const error = serviceError(frame)
    if (error.code === 'speech.lost') return link.lose(error)
    const utterance = addressee(frame.contextId)
    if (!isShared(line, frame.contextId)) {
      if (utterance) finish(utterance, { kind: 'failed', error })
      else counts.foreignFrames++
    } else if (!error.retryable) {
      clearLine(line)
      link.refuse(error)
    } else if (current?.begun) finish(current, { kind: 'failed', error })
    else if (!link.hasBeenReady()) link.lose(error, frame.retryAfterMs)
    else
      log.warn({ errorCode: error.code, asyncCode: error.details['asyncCode'] ?? '' }, 'the speech service complains')
  }

  function onLost(error: BridgeError, closeCode: number | undefined): void {
    connectionError = error
    clearLine(line)
    const utterance = current
    if (!utterance?.begun) return
    const orderly = closeCode === 1000 || closeCode === 1005
    const spoken = utterance.endedAt !== undefined && isPlausible(utterance)
    if (utterance.audioBytes > 0 && (utterance.finalAt !== undefined || (orderly && spoken)))
      finish(utterance, doneEnd(utterance))
    else if (utterance.audioBytes > 0 || utterance.repeated) finish(utterance, { kind: 'failed', error })
    else {
      utterance.repeated = true
      rewind(utterance)
      speaker.watch(utterance)
    }
  }

  return {
    ready: link.ready,
    speak(sink: SpeechSink): SpeechInput {
      const utterance = createUtterance(sink)
      if (closing || refusal) {
        const end: SpeechEnd = !closing && refusal ? { kind: 'failed', error: refusal } : { kind: 'cancelled' }
        queueMicrotask(() => finish(utterance, end))
      } else {
        queue.push(utterance)
        advance()
      }
      return {
        push(text) {
          if (utterance.over || utterance.inputEnded || text.trim() === '') return
          utterance.unsent.push(text)
          const shortestMs = shortestSpeechMs(text)
          utterance.expectedMs += shortestMs
          utterance.audioWanted ||= shortestMs > 0
          if (utterance === current) speaker.carryOn(utterance)
        },
        end() {
          if (utterance.over || utterance.inputEnded) return
          utterance.inputEnded = true
          if (utterance === current) speaker.carryOn(utterance)
        },
        cancel: () => finish(utterance, { kind: 'cancelled' }),
      }
    },
    close() {
      if (closing) return closing
      closing = link.close()
      endAll({ kind: 'cancelled' })
      log.debug(counts, 'speech session closed')
      return closing
    },
  }
}
