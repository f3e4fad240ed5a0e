import type { Clock } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import { inOneWrite } from '../../wire/one-write.ts'
import type { SpeechEnd } from '../provider.ts'
import { isCertain } from './ending.ts'
import { belongs, clearLine, type Line, mayGoAhead } from './line.ts'
import type { Service } from './link.ts'
import { closeContextMessage } from './protocol.ts'
import { Speaker } from './speaker.ts'
import type { Chunk, Utterance } from './utterance.ts'

/**
 * How many utterances are made ahead of their turn. One leaves the service idle where sentences are shorter than its
 * delay, a third gains little, and what is made ahead is paid for, also when the callee hangs up.
 */
const utterancesAhead = 2

type TurnsService = Pick<Service, 'send' | 'wake' | 'replace'>

/** Whose turn it is: one utterance is passed on, a few are made ahead, the others wait. */
export class Turns {
  #current: Utterance | undefined = undefined
  /** Those that wait. Of them only what is made ahead has been begun. */
  #queue: readonly Utterance[] = []
  readonly #line: Line
  readonly #speaker: Speaker
  readonly #service: TurnsService
  readonly #clock: Clock
  readonly #log: Log
  #closed = false

  constructor(line: Line, service: TurnsService, deps: { clock: Clock; log: Log }) {
    this.#line = line
    this.#service = service
    this.#clock = deps.clock
    this.#log = deps.log
    this.#speaker = new Speaker(line, this, service, deps)
  }

  current(): Utterance | undefined {
    return this.#current
  }

  /** The first one that is made ahead. */
  next(): Utterance | undefined {
    return this.#queue.find((waiting) => waiting.begun)
  }

  #ahead(): Utterance[] {
    return this.#queue.filter((waiting) => waiting.begun)
  }

  add(utterance: Utterance): void {
    // Not pushed: a list that grows takes room for seventeen.
    this.#queue = [...this.#queue, utterance]
    this.#advance()
  }

  /** Text of it was pushed or ended. */
  grown(utterance: Utterance): void {
    if (utterance === this.#current) this.#speaker.carryOn(utterance)
    if (utterance.inputEnded) this.#goAhead()
  }

  /** The connection can be spoken on. */
  carryOn(): void {
    if (this.#current) this.#speaker.carryOn(this.#current)
  }

  /** Something came that may have brought the end of the one being passed on: ends it now if it is due. */
  look(): void {
    if (this.#current) this.#speaker.look(this.#current)
  }

  /** Sets the timer of its end anew, and ends nothing before it returns. */
  watch(): void {
    if (this.#current) this.#speaker.watch(this.#current)
  }

  /** To whom a reply belongs: the one being passed on, or one that is made ahead. */
  addressee(contextId: string | undefined): Utterance | undefined {
    const current = this.#current
    if (current && belongs(this.#line, current, contextId)) return current
    return this.#queue.find((waiting) => waiting.begun && waiting.contextId === contextId)
  }

  /** Audio of an utterance: passed on in its turn, held until then. */
  take(utterance: Utterance, chunk: Chunk): void {
    if (utterance !== this.#current || utterance.held) {
      ;(utterance.held ??= []).push(chunk)
      return
    }
    const first = utterance.sent.length > 0
    utterance.pass(chunk)
    if (utterance === this.#current) this.#line.passing = utterance
    if (first) this.#goAhead()
  }

  #advance(): void {
    if (this.#closed) return
    if (!this.#current) this.#begin()
    this.#goAhead()
  }

  #begin(): void {
    const [next] = this.#queue
    if (!next) return
    this.#queue = this.#queue.slice(1)
    this.#current = next
    next.turnAt = this.#clock.now()
    this.#service.wake()
    this.#speaker.carryOn(next)
    // Not at once: this may be inside `speak`, or amid the cancelling of all.
    if (next.held) queueMicrotask(() => release(next))
  }

  #goAhead(): void {
    if (!this.#current || !mayGoAhead(this.#line, this.#current)) return
    let places = utterancesAhead
    for (const waiting of this.#queue) {
      if (places === 0 || !waiting.inputEnded) return
      if (!waiting.hasText()) continue
      this.#speaker.say(waiting)
      places--
    }
  }

  /** The one way out of an utterance: shut the gate, free the line, tell the sink, speak the next. */
  finish(utterance: Utterance, end: SpeechEnd): void {
    if (utterance === this.#current && end.kind !== 'cancelled') release(utterance)
    if (utterance.over) return
    const line = this.#line
    utterance.over = true
    if (line.passing === utterance) line.passing = undefined
    utterance.timer?.cancel()
    utterance.held = undefined
    if (utterance === this.#current) {
      this.#current = undefined
      // It may have failed because another was made beside it.
      if (end.kind === 'failed' && this.next()) this.giveUpAhead(end.error.code)
    } else this.#queue = this.#queue.filter((waiting) => waiting !== utterance)
    if (utterance.begun && line.connected) this.#freeLine(utterance, end.kind === 'done' && isCertain(utterance))
    if (end.kind === 'done') line.doneContextId = utterance.contextId
    utterance.sink.ended(end)
    this.#advance()
  }

  /** Makes sure that no late audio of an utterance can be taken for the next one's. */
  #freeLine(utterance: Utterance, complete: boolean): void {
    const line = this.#line
    if (!complete) this.#service.send(closeContextMessage(utterance.contextId))
    if (utterance.contextId === line.serverContextId || (!complete && line.anonymous)) this.#service.replace()
    else if (!complete) line.tainted = true
  }

  /** The connection is gone, and what was made ahead with it. */
  disconnected(): void {
    clearLine(this.#line)
    for (const utterance of this.#ahead()) utterance.rewind()
  }

  /** Takes back what is made ahead, to be said in its turn, and makes nothing ahead on this connection any more. */
  giveUpAhead(reason: string): void {
    this.#line.oneByOne = true
    const all = this.#ahead()
    for (const utterance of all) {
      this.#service.send(closeContextMessage(utterance.contextId))
      this.#line.tainted = true
      utterance.rewind()
    }
    this.#log.warn(
      { reason, takenBack: all.length },
      'on this connection utterances are made one after the other from now on',
    )
  }

  endAll(end: SpeechEnd): void {
    const all = this.#current ? [this.#current, ...this.#queue] : this.#queue
    this.#queue = []
    for (const utterance of all) this.finish(utterance, end)
  }

  /** Nobody has a turn any more. */
  close(): void {
    this.#closed = true
  }
}

/** Passes on what was held of the one whose turn it is. */
function release(utterance: Utterance): void {
  const { held = [] } = utterance
  utterance.held = undefined
  inOneWrite(() => {
    for (const chunk of held) {
      if (utterance.over) return
      utterance.pass(chunk)
    }
  })
}
