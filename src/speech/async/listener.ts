import type { BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import { isPlausible } from './ending.ts'
import { serviceError } from './errors.ts'
import { hearAudio, isShared, type Line } from './line.ts'
import type { ServerFrame } from './protocol.ts'
import type { Turns } from './turns.ts'
import { rewind, type Utterance } from './utterance.ts'

type AudioFrame = Extract<ServerFrame, { kind: 'audio' }>
type ErrorFrame = Extract<ServerFrame, { kind: 'error' }>

export interface Listener {
  frame(frame: ServerFrame): void
  readonly counts: Readonly<Record<'foreignFrames' | 'unknownFrames' | 'malformedFrames', number>>
}

/** What each frame of the service means for the utterances: whose it is, and what it changes. */
export function createListener(
  line: Line,
  turns: Turns,
  deps: {
    clock: Clock
    log: Log
    /** The connection is of no use any more. */
    lose: (error: BridgeError, delayMs?: number) => void
    /** Leaves the connection for a new one. */
    replace: () => void
    /** The service will not speak to us at all. */
    refuse: (error: BridgeError) => void
    hasBeenReady: () => boolean
  },
): Listener {
  const { clock, log } = deps
  // Taken out once: each object that is looked into on the way of a chunk is felt (docs/performance.md).
  const { addressee, take } = turns
  const counts = { foreignFrames: 0, unknownFrames: 0, malformedFrames: 0 }

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

  function onAudio(frame: AudioFrame): void {
    // Amid an utterance, as nearly always, nobody has to be asked.
    const { passing } = line
    const amid = passing !== undefined && passing.contextId === frame.contextId
    const utterance = amid ? passing : addressee(frame.contextId)
    if (!utterance) return onForeignAudio(frame)
    if (!amid) hearAudio(line, utterance, frame.contextId)
    const wasAwaited = utterance.awaitingSince !== undefined
    const wasPlausible = isPlausible(utterance)
    utterance.audioBytes += frame.audioBytes
    utterance.audioAt = clock.now()
    utterance.firstAudioAt ??= utterance.audioAt
    utterance.awaitingSince = undefined
    // Only these may bring an end nearer than the timer stands.
    if (wasAwaited || (utterance.inputEnded && !wasPlausible && isPlausible(utterance))) turns.look()
    if (line.passing === utterance) utterance.sink.audio(frame.payload, frame.audioBytes)
    else take(utterance, frame)
  }

  function onForeignAudio(frame: AudioFrame): void {
    counts.foreignFrames++
    if (frame.contextId !== undefined && frame.contextId === line.doneContextId && !line.oneByOne)
      turns.giveUpAhead('audio came after the end of an utterance')
    if (line.identified || !isShared(line, frame.contextId)) return
    line.anonymous = true
    const current = turns.current()
    if (!line.tainted || (current && current.audioBytes > 0)) return
    // Late audio of an utterance that was broken off, or the first of the next: nobody can tell. Begin afresh.
    if (current) rewind(current)
    deps.replace()
  }

  function onFinal(contextId: string | undefined): void {
    const current = turns.current()
    const utterance = turns.addressee(contextId)
    if (utterance?.endedAt !== undefined) utterance.finalAt = clock.now()
    // On a tainted line nobody can tell whose end it is; if there is only silence, another context is worth a try.
    const unclear = line.tainted && !line.identified && isShared(line, contextId) && current?.begun
    const ended = utterance ?? (unclear ? current : undefined)
    if (!ended) return
    if (ended.audioBytes === 0) ended.silentFinalAt ??= clock.now()
    if (ended !== current && ended.awaitingSince !== undefined) turns.giveUpAhead('what was made ahead stayed silent')
    else turns.look()
  }

  function onError(frame: ErrorFrame): void {
    const error = serviceError(frame)
    if (error.code === 'speech.lost') return deps.lose(error)
    const current = turns.current()
    const utterance = turns.addressee(frame.contextId)
    if (!isShared(line, frame.contextId)) {
      if (!utterance) counts.foreignFrames++
      // Its failure is told in its turn, when it has been tried once more.
      else if (utterance !== current) turns.giveUpAhead(error.code)
      else turns.finish(utterance, { kind: 'failed', error })
    } else if (!error.retryable) deps.refuse(error)
    else if (current?.begun && isOfNext(current, error)) {
      if (!isBehind(current)) current.complaint = { error, at: clock.now() }
      turns.giveUpAhead(error.code)
      turns.look()
    } else if (current?.begun) turns.finish(current, { kind: 'failed', error })
    else if (!deps.hasBeenReady()) deps.lose(error, frame.retryAfterMs)
    else
      log.warn({ errorCode: error.code, asyncCode: error.details['asyncCode'] ?? '' }, 'the speech service complains')
  }

  /** Errors name no context. What has been spoken for long is not suddenly too much; what has been spoken cannot fail. */
  function isOfNext(current: Utterance, error: BridgeError): boolean {
    if (!turns.next()) return false
    if (error.code === 'speech.busy') return current.audioBytes > 0
    return isBehind(current)
  }

  /** The service told the end of it, or has come to the next one. */
  function isBehind(current: Utterance): boolean {
    return current.finalAt !== undefined || (turns.next()?.audioBytes ?? 0) > 0
  }

  return { frame: onFrame, counts }
}
