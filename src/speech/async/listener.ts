import type { BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import { endIfLost, isPlausible } from './ending.ts'
import { serviceError } from './errors.ts'
import { hearAudio, isShared, type Line } from './line.ts'
import type { LinkEvents, Service } from './link.ts'
import { keepaliveMessage, type ServerFrame } from './protocol.ts'
import type { Turns } from './turns.ts'
import type { Utterance } from './utterance.ts'

type AudioFrame = Extract<ServerFrame, { kind: 'audio' }>
type ErrorFrame = Extract<ServerFrame, { kind: 'error' }>
type Counts = Readonly<Record<'foreignFrames' | 'unknownFrames' | 'malformedFrames', number>>

/**
 * What each frame of the service, and each end of its connection, means for the utterances: whose it is, and what it
 * changes.
 */
export class Listener implements LinkEvents {
  // Each object that is looked into on the way of a chunk is felt (docs/performance.md): amid a sentence these two.
  readonly #line: Line
  readonly #clock: Clock
  readonly #turns: Turns
  readonly #service: Service
  readonly #log: Log
  #foreignFrames = 0
  #unknownFrames = 0
  #malformedFrames = 0

  constructor(line: Line, turns: Turns, service: Service, deps: { clock: Clock; log: Log }) {
    this.#line = line
    this.#clock = deps.clock
    this.#turns = turns
    this.#service = service
    this.#log = deps.log
  }

  counts(): Counts {
    return {
      foreignFrames: this.#foreignFrames,
      unknownFrames: this.#unknownFrames,
      malformedFrames: this.#malformedFrames,
    }
  }

  frame(frame: ServerFrame): void {
    switch (frame.kind) {
      case 'audio':
        this.#onAudio(frame)
        if (frame.final) this.#onFinal(frame.contextId)
        return
      case 'final':
        return this.#onFinal(frame.contextId)
      case 'error':
        return this.#onError(frame)
      case 'ack':
        this.#line.serverContextId = frame.contextId
        return
      case 'unknown':
        this.#unknownFrames++
        return
      case 'malformed':
        if (this.#malformedFrames++ === 0)
          this.#log.warn({ reason: frame.reason }, 'the speech service sent what cannot be read; it is left out')
        if (frame.final) this.#onFinal(frame.contextId)
    }
  }

  #onAudio(frame: AudioFrame): void {
    // Amid an utterance, as nearly always, nobody has to be asked.
    const { passing } = this.#line
    const amid = passing !== undefined && passing.contextId === frame.contextId
    const utterance = amid ? passing : this.#turns.addressee(frame.contextId)
    if (!utterance) return this.#onForeignAudio(frame)
    if (!amid) hearAudio(this.#line, utterance, frame.contextId)
    const wasAwaited = utterance.awaitingSince !== undefined
    const wasPlausible = isPlausible(utterance)
    utterance.audioBytes += frame.audioBytes
    utterance.audioAt = this.#clock.now()
    utterance.firstAudioAt ??= utterance.audioAt
    utterance.awaitingSince = undefined
    // Only these may bring an end nearer than the timer stands.
    if (wasAwaited || (utterance.inputEnded && !wasPlausible && isPlausible(utterance))) this.#turns.look()
    if (this.#line.passing === utterance) utterance.sink.audio(frame.payload, frame.audioBytes)
    else this.#turns.take(utterance, frame)
  }

  #onForeignAudio(frame: AudioFrame): void {
    const line = this.#line
    this.#foreignFrames++
    if (frame.contextId !== undefined && frame.contextId === line.doneContextId && !line.oneByOne)
      this.#turns.giveUpAhead('audio came after the end of an utterance')
    if (line.identified || !isShared(line, frame.contextId)) return
    line.anonymous = true
    const current = this.#turns.current()
    if (!line.tainted || (current && current.audioBytes > 0)) return
    // Late audio of an utterance that was broken off, or the first of the next: nobody can tell. Begin afresh.
    current?.rewind()
    this.#service.replace()
  }

  #onFinal(contextId: string | undefined): void {
    const line = this.#line
    const current = this.#turns.current()
    const utterance = this.#turns.addressee(contextId)
    if (utterance?.endedAt !== undefined) utterance.finalAt = this.#clock.now()
    // On a tainted line nobody can tell whose end it is; if there is only silence, another context is worth a try.
    const unclear = line.tainted && !line.identified && isShared(line, contextId) && current?.begun
    const ended = utterance ?? (unclear ? current : undefined)
    if (!ended) return
    if (ended.audioBytes === 0) ended.silentFinalAt ??= this.#clock.now()
    if (ended !== current && ended.awaitingSince !== undefined)
      this.#turns.giveUpAhead('what was made ahead stayed silent')
    else this.#turns.look()
  }

  #onError(frame: ErrorFrame): void {
    const turns = this.#turns
    const error = serviceError(frame)
    if (error.code === 'speech.lost') return this.#service.lose(error)
    const current = turns.current()
    const utterance = turns.addressee(frame.contextId)
    if (!isShared(this.#line, frame.contextId)) {
      if (!utterance) this.#foreignFrames++
      // Its failure is told in its turn, when it has been tried once more.
      else if (utterance !== current) turns.giveUpAhead(error.code)
      else turns.finish(utterance, { kind: 'failed', error })
    } else if (!error.retryable) this.#service.refuse(error)
    else if (current?.begun && this.#isOfNext(current, error)) {
      if (!this.#isBehind(current)) current.complaint = { error, at: this.#clock.now() }
      turns.giveUpAhead(error.code)
      turns.look()
    } else if (current?.begun) turns.finish(current, { kind: 'failed', error })
    else if (!this.#service.hasBeenReady()) this.#service.lose(error, frame.retryAfterMs)
    else
      this.#log.warn(
        { errorCode: error.code, asyncCode: error.details['asyncCode'] ?? '' },
        'the speech service complains',
      )
  }

  /** Errors name no context. What has been spoken for long is not suddenly too much; what has been spoken cannot fail. */
  #isOfNext(current: Utterance, error: BridgeError): boolean {
    if (!this.#turns.next()) return false
    if (error.code === 'speech.busy') return current.audioBytes > 0
    return this.#isBehind(current)
  }

  /** The service told the end of it, or has come to the next one. */
  #isBehind(current: Utterance): boolean {
    return current.finalAt !== undefined || (this.#turns.next()?.audioBytes ?? 0) > 0
  }

  opened(): void {
    this.#line.connected = true
    this.#turns.carryOn()
  }

  settled(): void {
    this.#line.settled = true
    this.#line.everAccepted = true
    this.#service.accepted()
    this.#turns.carryOn()
  }

  lost(error: BridgeError, closeCode: number | undefined): void {
    const turns = this.#turns
    this.#line.connectionError = error
    this.#line.losses++
    const utterance = turns.current()
    const next = turns.next()
    // A service that leaves other text unspoken has not closed because it had come to the end.
    const amidWork = next !== undefined && next.audioBytes === 0
    this.#service.gone(error)
    // It need not wait so long for a service that is out of reach.
    if (!utterance?.begun) return turns.watch()
    const orderly = (closeCode === 1000 || closeCode === 1005) && !amidWork
    const end = endIfLost(utterance, error, orderly)
    if (end) turns.finish(utterance, end)
    else if (utterance.repeated) turns.finish(utterance, { kind: 'failed', error })
    else {
      utterance.repeated = true
      utterance.rewind()
      turns.watch()
    }
  }

  down(error: BridgeError): void {
    if (!error.retryable) this.#line.refusal = error
    this.#turns.endAll({ kind: 'failed', error })
  }

  /** Names the context that is being spoken. */
  keepalive(): string {
    const utterance = this.#turns.current()
    return keepaliveMessage(utterance?.begun ? utterance.contextId : undefined)
  }
}
