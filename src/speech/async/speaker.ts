import { bytesToMs } from '../../audio/duration.ts'
import type { BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { SpeechEnd } from '../provider.ts'
import { enoughEnd, type Ending, endingIfSilent, neverMs } from './ending.ts'
import { stalled, unreachable } from './errors.ts'
import { canSwitch, chooseContext, type Line, mayBegin } from './line.ts'
import { endMessage, textMessage } from './protocol.ts'
import { hasText, rewind, type Utterance } from './utterance.ts'

export interface Speaker {
  /** Sends what can be sent of the current utterance, and sees to its end. Calls no sink before it returns. */
  carryOn(utterance: Utterance): void
  /** Sends what can be sent of an utterance, and no more than that. */
  say(utterance: Utterance): void
  /** Sets the timer of the current utterance anew, after something that may bring its end nearer. */
  watch(utterance: Utterance): void
  /** Ends the current utterance if that is due. A sentence whose successor comes at once is not held up by a timer. */
  look(utterance: Utterance): void
}

/** Speaks utterances: their texts in, the end of the current one found. */
export function createSpeaker(
  line: Line,
  deps: {
    clock: Clock
    log: Log
    send: (message: string) => void
    finish: (utterance: Utterance, end: SpeechEnd) => void
    /** Why there is no connection, if there is none. */
    connectionError: () => BridgeError | undefined
    /** Whether every connection so far was refused, and that several times. */
    outOfReach: () => boolean
    /** When the first audio of the next utterance came, if that is made ahead. */
    nextAudioAt: () => number | undefined
  },
): Speaker {
  const { clock, log, send, finish } = deps

  function carryOn(utterance: Utterance): void {
    if (utterance.inputEnded && !hasText(utterance)) return queueMicrotask(() => finish(utterance, { kind: 'done' }))
    say(utterance)
    watch(utterance)
  }

  function say(utterance: Utterance): void {
    if (utterance.unsent.length > 0) {
      utterance.textAt = clock.now()
      if (utterance.audioWanted) utterance.awaitingSince ??= utterance.textAt
      utterance.audioWanted = false
      if (line.connected && (utterance.begun || mayBegin(line, utterance))) sendTexts(utterance)
    }
    if (utterance.begun && utterance.inputEnded && utterance.endedAt === undefined) {
      utterance.endedAt = clock.now()
      send(endMessage(utterance.contextId))
    }
  }

  function sendTexts(utterance: Utterance): void {
    if (!utterance.begun) {
      utterance.begun = true
      if (utterance.awaitingSince !== undefined) utterance.awaitingSince = clock.now()
      utterance.contextId = chooseContext(line, utterance)
    }
    for (const text of utterance.unsent) send(textMessage(utterance.contextId, text))
    if (utterance.audioBytes === 0) utterance.sent = [...utterance.sent, ...utterance.unsent]
    utterance.unsent = []
  }

  function endingOf(utterance: Utterance): Ending | undefined {
    return endingIfSilent(utterance, {
      hasServerContext: canSwitch(line, utterance),
      nextAudioAt: deps.nextAudioAt(),
      outOfReach: !utterance.begun && deps.outOfReach(),
    })
  }

  /** One timer for an utterance. Audio does not touch it: it looks again when it fires. */
  function watch(utterance: Utterance): void {
    utterance.timer?.cancel()
    utterance.timer = undefined
    if (utterance.over) return
    const ending = endingOf(utterance)
    if (ending) utterance.timer = clock.after(Math.max(0, ending.atMs - clock.now()), () => look(utterance))
  }

  function look(utterance: Utterance): void {
    const ending = endingOf(utterance)
    if (!ending || ending.atMs > clock.now()) return watch(utterance)
    if (ending.kind === 'enough') return finish(utterance, enoughEnd(utterance))
    if (ending.kind === 'stalled') return finish(utterance, { kind: 'failed', error: silence(utterance) })
    log.warn({}, 'the speech service does not answer in our context; speaking in its own')
    utterance.switched = true
    rewind(utterance)
    carryOn(utterance)
  }

  function silence(utterance: Utterance): BridgeError {
    if (!utterance.begun) return deps.connectionError() ?? unreachable(undefined)
    const now = clock.now()
    const since = utterance.audioAt === neverMs ? (utterance.awaitingSince ?? now) : utterance.audioAt
    const silentMs = Math.round(now - since)
    return stalled({ audioMs: bytesToMs(utterance.audioBytes), silentMs })
  }

  return { carryOn, say, watch, look }
}
