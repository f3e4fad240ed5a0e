import type { BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { SpeechEnd } from '../provider.ts'
import { isCertain } from './ending.ts'
import { belongs, clearLine, type Line, mayGoAhead } from './line.ts'
import { closeContextMessage } from './protocol.ts'
import { createSpeaker } from './speaker.ts'
import { type Chunk, hasText, rewind, type Utterance } from './utterance.ts'

/**
 * How many utterances are made ahead of their turn. One leaves the service idle where sentences are shorter than its
 * delay, a third gains little, and what is made ahead is paid for, also when the callee hangs up.
 */
const utterancesAhead = 2

/** Whose turn it is: one utterance is passed on, a few are made ahead, the others wait. */
export interface Turns {
  readonly current: () => Utterance | undefined
  /** The first one that is made ahead. */
  readonly next: () => Utterance | undefined
  add(utterance: Utterance): void
  /** Text of it was pushed or ended. */
  grown(utterance: Utterance): void
  /** The connection can be spoken on. */
  carryOn(): void
  /** To whom a reply belongs: the one being passed on, or one that is made ahead. */
  readonly addressee: (contextId: string | undefined) => Utterance | undefined
  /** Audio of an utterance: passed on in its turn, held until then. */
  readonly take: (utterance: Utterance, chunk: Chunk) => void
  /** Something came that may have brought the end of the one being passed on: ends it now if it is due. */
  look(): void
  /** Sets the timer of its end anew, and ends nothing before it returns. */
  watch(): void
  /** Takes back what is made ahead, to be said in its turn, and makes nothing ahead on this connection any more. */
  giveUpAhead(reason: string): void
  /** The connection is gone, and what was made ahead with it. */
  disconnected(): void
  finish(utterance: Utterance, end: SpeechEnd): void
  endAll(end: SpeechEnd): void
  /** Nobody has a turn any more. */
  close(): void
}

export function createTurns(
  line: Line,
  deps: {
    clock: Clock
    log: Log
    send: (message: string) => void
    wake: () => void
    /** Leaves the connection for a new one; `disconnected` is called meanwhile. */
    replace: () => void
    connectionError: () => BridgeError | undefined
    outOfReach: () => boolean
  },
): Turns {
  const { clock, log, send } = deps
  let queue: Utterance[] = []
  let current: Utterance | undefined
  let closed = false
  const speaker = createSpeaker(line, { ...deps, finish, nextAudioAt: () => ahead()[0]?.firstAudioAt })

  /** Of those that wait, only what is made ahead has been begun. */
  function ahead(): Utterance[] {
    return queue.filter((waiting) => waiting.begun)
  }

  function advance(): void {
    if (closed) return
    if (!current) begin(queue.shift())
    goAhead()
  }

  function begin(next: Utterance | undefined): void {
    if (!next) return
    current = next
    next.turnAt = clock.now()
    deps.wake()
    speaker.carryOn(next)
    // Not at once: this may be inside `speak`, or amid the cancelling of all.
    if (next.held.length > 0) queueMicrotask(() => release(next))
  }

  function goAhead(): void {
    if (!current || !mayGoAhead(line, current)) return
    let places = utterancesAhead
    for (const waiting of queue) {
      if (places === 0 || !waiting.inputEnded) return
      if (!hasText(waiting)) continue
      speaker.say(waiting)
      places--
    }
  }

  function pass(utterance: Utterance, { payload, audioBytes }: Chunk): void {
    if (utterance.sent.length > 0) utterance.sent = []
    utterance.sink.audio(payload, audioBytes)
  }

  function release(utterance: Utterance): void {
    for (const chunk of utterance.held.splice(0)) {
      if (utterance.over) return
      pass(utterance, chunk)
    }
  }

  /** The one way out of an utterance: shut the gate, free the line, tell the sink, speak the next. */
  function finish(utterance: Utterance, end: SpeechEnd): void {
    if (utterance === current && end.kind !== 'cancelled') release(utterance)
    if (utterance.over) return
    utterance.over = true
    if (line.passing === utterance) line.passing = undefined
    utterance.timer?.cancel()
    utterance.held = []
    if (utterance === current) {
      current = undefined
      // It may have failed because another was made beside it.
      if (end.kind === 'failed' && ahead().length > 0) giveUpAhead(end.error.code)
    } else queue = queue.filter((waiting) => waiting !== utterance)
    if (utterance.begun && line.connected) freeLine(utterance, end.kind === 'done' && isCertain(utterance))
    if (end.kind === 'done') line.doneContextId = utterance.contextId
    utterance.sink.ended(end)
    advance()
  }

  /** Makes sure that no late audio of an utterance can be taken for the next one's. */
  function freeLine(utterance: Utterance, complete: boolean): void {
    if (!complete) send(closeContextMessage(utterance.contextId))
    if (utterance.contextId === line.serverContextId || (!complete && line.anonymous)) deps.replace()
    else if (!complete) line.tainted = true
  }

  function disconnected(): void {
    clearLine(line)
    for (const utterance of ahead()) rewind(utterance)
  }

  function giveUpAhead(reason: string): void {
    line.oneByOne = true
    const all = ahead()
    for (const utterance of all) {
      send(closeContextMessage(utterance.contextId))
      line.tainted = true
      rewind(utterance)
    }
    log.warn(
      { reason, takenBack: all.length },
      'on this connection utterances are made one after the other from now on',
    )
  }

  return {
    current: () => current,
    next: () => ahead()[0],
    add(utterance) {
      queue.push(utterance)
      advance()
    },
    grown(utterance) {
      if (utterance === current) speaker.carryOn(utterance)
      if (utterance.inputEnded) goAhead()
    },
    carryOn() {
      if (current) speaker.carryOn(current)
    },
    addressee(contextId) {
      if (current && belongs(line, current, contextId)) return current
      return queue.find((waiting) => waiting.begun && waiting.contextId === contextId)
    },
    take(utterance, chunk) {
      if (utterance !== current || utterance.held.length > 0) {
        utterance.held.push(chunk)
        return
      }
      const first = utterance.sent.length > 0
      pass(utterance, chunk)
      if (utterance === current) line.passing = utterance
      if (first) goAhead()
    },
    look() {
      if (current) speaker.look(current)
    },
    watch() {
      if (current) speaker.watch(current)
    },
    giveUpAhead,
    disconnected,
    finish,
    endAll(end) {
      const all = current ? [current, ...queue] : queue
      queue = []
      for (const utterance of all) finish(utterance, end)
    },
    close() {
      closed = true
    },
  }
}
