import { bytesToMs } from '../../audio/duration.ts'
import type { BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { SpeechEnd } from '../provider.ts'
import { enoughEnd, type Ending, endingIfSilent, neverMs } from './ending.ts'
import { stalled, unreachable } from './errors.ts'
import { canSwitch, chooseContext, isOutOfReach, type Line, mayBegin } from './line.ts'
import type { Service } from './link.ts'
import { endMessage, textMessage } from './protocol.ts'
import type { Utterance } from './utterance.ts'

/** Whose utterances these are. */
interface SpeakerTurns {
  /** The first one that is made ahead. */
  next(): Utterance | undefined
  finish(utterance: Utterance, end: SpeechEnd): void
}

/** Speaks utterances: their texts in, the end of the current one found. */
export class Speaker {
  readonly #line: Line
  readonly #turns: SpeakerTurns
  readonly #service: Pick<Service, 'send'>
  readonly #clock: Clock
  readonly #log: Log

  constructor(line: Line, turns: SpeakerTurns, service: Pick<Service, 'send'>, deps: { clock: Clock; log: Log }) {
    this.#line = line
    this.#turns = turns
    this.#service = service
    this.#clock = deps.clock
    this.#log = deps.log
  }

  /** Sends what can be sent of the current utterance, and sees to its end. Calls no sink before it returns. */
  carryOn(utterance: Utterance): void {
    if (utterance.inputEnded && !utterance.hasText())
      return queueMicrotask(() => this.#turns.finish(utterance, { kind: 'done' }))
    this.say(utterance)
    this.watch(utterance)
  }

  /** Sends what can be sent of an utterance, and no more than that. */
  say(utterance: Utterance): void {
    const line = this.#line
    if (utterance.unsent.length > 0) {
      utterance.textAt = this.#clock.now()
      if (utterance.audioWanted) utterance.awaitingSince ??= utterance.textAt
      utterance.audioWanted = false
      if (line.connected && (utterance.begun || mayBegin(line, utterance))) this.#sendTexts(utterance)
    }
    if (utterance.begun && utterance.inputEnded && utterance.endedAt === undefined) {
      utterance.endedAt = this.#clock.now()
      this.#service.send(endMessage(utterance.contextId))
    }
  }

  #sendTexts(utterance: Utterance): void {
    if (!utterance.begun) {
      utterance.begun = true
      if (utterance.awaitingSince !== undefined) utterance.awaitingSince = this.#clock.now()
      utterance.contextId = chooseContext(this.#line, utterance)
    }
    for (const text of utterance.unsent) this.#service.send(textMessage(utterance.contextId, text))
    utterance.allSent()
  }

  #endingOf(utterance: Utterance): Ending | undefined {
    return endingIfSilent(utterance, {
      hasServerContext: canSwitch(this.#line, utterance),
      nextAudioAt: this.#turns.next()?.firstAudioAt,
      outOfReach: !utterance.begun && isOutOfReach(this.#line),
    })
  }

  /**
   * Sets the timer of the current utterance anew, after something that may bring its end nearer. One timer for an utterance:
   * audio does not touch it, it looks again when it fires.
   */
  watch(utterance: Utterance): void {
    utterance.timer?.cancel()
    utterance.timer = undefined
    if (utterance.over) return
    const ending = this.#endingOf(utterance)
    if (!ending) return
    const delayMs = Math.max(0, ending.atMs - this.#clock.now())
    utterance.timer = this.#clock.after(delayMs, () => this.look(utterance))
  }

  /** Ends the current utterance if that is due. A sentence whose successor comes at once is not held up by a timer. */
  look(utterance: Utterance): void {
    const ending = this.#endingOf(utterance)
    if (!ending || ending.atMs > this.#clock.now()) return this.watch(utterance)
    if (ending.kind === 'enough') return this.#turns.finish(utterance, enoughEnd(utterance))
    if (ending.kind === 'stalled')
      return this.#turns.finish(utterance, { kind: 'failed', error: this.#silence(utterance) })
    this.#log.warn({}, 'the speech service does not answer in our context; speaking in its own')
    utterance.switched = true
    utterance.rewind()
    this.carryOn(utterance)
  }

  #silence(utterance: Utterance): BridgeError {
    if (!utterance.begun) return this.#line.connectionError ?? unreachable(undefined)
    const now = this.#clock.now()
    const since = utterance.audioAt === neverMs ? (utterance.awaitingSince ?? now) : utterance.audioAt
    const silentMs = Math.round(now - since)
    return stalled({ audioMs: bytesToMs(utterance.audioBytes), silentMs })
  }
}
