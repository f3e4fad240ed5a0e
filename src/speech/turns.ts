import { inOneWrite } from '../wire/one-write.ts'
import type { SpeechEnd, SpeechInput, SpeechSession, SpeechSink } from './provider.ts'

/**
 * Utterances of several sessions, passed on one after the other in the order they were begun. What a session makes
 * ahead of its turn is held back.
 */
export interface Turns {
  /** Its text is kept until it is given to a session. */
  add(sink: SpeechSink): Turn
  /** Ends all as cancelled; what is added later too, in its own time. Idempotent. */
  close(): void
}

export interface Turn extends SpeechInput {
  /** Has the utterance spoken in this session. Calls no sink before it returns, unless the session does. */
  speakIn(session: Speaking): void
}

type Speaking = Pick<SpeechSession, 'speak'>

export function createTurns(): Turns {
  return new TurnsInOrder()
}

class TurnsInOrder implements Turns {
  closed = false
  #queue: readonly OneTurn[] = []

  add(sink: SpeechSink): Turn {
    const turn = new OneTurn(this, sink)
    if (this.closed) queueMicrotask(() => turn.finish({ kind: 'cancelled' }))
    // Not pushed: a list that grows takes room for seventeen.
    else this.#queue = [...this.#queue, turn]
    return turn
  }

  close(): void {
    this.closed = true
    const all = this.#queue
    this.#queue = []
    for (const turn of all) turn.finish({ kind: 'cancelled' })
  }

  isFirst(turn: OneTurn): boolean {
    return this.#queue[0] === turn
  }

  /** What comes before it. */
  before(turn: OneTurn): readonly OneTurn[] {
    return this.#queue.slice(0, this.#queue.indexOf(turn))
  }

  remove(turn: OneTurn): void {
    const at = this.#queue.indexOf(turn)
    if (at >= 0) this.#queue = this.#queue.toSpliced(at, 1)
  }

  passOn(): void {
    this.#queue[0]?.passOn()
  }
}

/**
 * An utterance for whoever has it spoken, and for the session that speaks it. What most turns never need is made when it is
 * needed: every sentence of a text has one, to the end of the text.
 */
class OneTurn implements Turn, SpeechSink {
  /** All that come before it are spoken in the same session, which passes them on in their order itself. */
  #straight = false
  readonly #sink: SpeechSink
  #over = false
  readonly #turns: TurnsInOrder
  /** Where it is spoken. */
  #session: Speaking | undefined = undefined
  #held: (readonly [payload: string, audioBytes: number])[] | undefined = undefined
  /** What was pushed before there was a session to speak in. */
  #texts: string[] | undefined = undefined
  #inputEnded = false
  /** Of the session that speaks it, to the end: what a session keeps of an utterance is gone then. */
  #input: SpeechInput | undefined = undefined
  /** How the session ended it, before its turn. */
  #early: SpeechEnd | undefined = undefined

  constructor(turns: TurnsInOrder, sink: SpeechSink) {
    this.#turns = turns
    this.#sink = sink
  }

  push(text: string): void {
    if (this.#input) this.#input.push(text)
    else if (!this.#inputEnded && !this.#over) (this.#texts ??= []).push(text)
  }

  end(): void {
    this.#inputEnded = true
    this.#input?.end()
  }

  cancel(): void {
    this.#input?.cancel()
    this.finish({ kind: 'cancelled' })
  }

  speakIn(session: Speaking): void {
    if (this.#over || this.#turns.closed) return
    this.#session = session
    this.#straight = this.#turns.before(this).every((one) => one.isLeftTo(session))
    const input = session.speak(this)
    const texts = this.#texts ?? []
    this.#texts = undefined
    if (!this.#over) this.#input = input
    for (const text of texts) input.push(text)
    if (this.#inputEnded) input.end()
  }

  /** Whether it is left to this session, which keeps an order of its own: nothing of it is held back here. */
  isLeftTo(session: Speaking): boolean {
    return this.#session === session && !this.#held?.length && !this.#early
  }

  audio(payload: string, audioBytes: number): void {
    if (this.#straight || (!this.#held?.length && this.#turns.isFirst(this))) this.#sink.audio(payload, audioBytes)
    else if (!this.#over) (this.#held ??= []).push([payload, audioBytes])
  }

  ended(end: SpeechEnd): void {
    if (end.kind === 'cancelled' || this.#turns.isFirst(this)) this.finish(end)
    else this.#early ??= end
  }

  /** Its turn has come: passes on what was held back. */
  passOn(): void {
    if (this.#held) inOneWrite(() => this.#passHeld())
    if (this.#early) this.finish(this.#early)
  }

  #passHeld(): void {
    for (let chunk = this.#held?.shift(); chunk && !this.#over; chunk = this.#held?.shift()) this.#sink.audio(...chunk)
  }

  finish(end: SpeechEnd): void {
    if (this.#over) return
    this.#over = true
    this.#held = undefined
    this.#texts = undefined
    this.#input = undefined
    this.#session = undefined
    this.#turns.remove(this)
    this.#sink.ended(end)
    this.#turns.passOn()
  }
}
