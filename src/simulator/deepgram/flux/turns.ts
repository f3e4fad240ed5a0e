import type { Ear } from '../listen/connection.ts'
import type { WayOfListening } from '../listen/listening.ts'
import { documentedTurns, type TurnBehaviour } from './behaviour.ts'
import { readTurnMessage, type Thresholds, type TurnMessage } from './client-messages.ts'
import { judgeTurnQuery, type TurnSettings } from './query.ts'
import { createTurnRecognition, type ToldTurn } from './recognition.ts'
import { createTurnFrames } from './server-frames.ts'

type Told = ToldTurn | { readonly configured: 'success' | 'failure'; readonly thresholds: Thresholds }

/** `/v2/listen`: turns, which the model itself begins and ends. */
export const byTurns: WayOfListening<TurnBehaviour, TurnSettings, Told, TurnMessage> = {
  documented: documentedTurns,
  judge: judgeTurnQuery,
  ear: createEar,
}

function createEar(about: {
  readonly settings: TurnSettings
  readonly behaviour: TurnBehaviour
  readonly requestId: string
}): Ear<Told, TurnMessage> {
  const { settings, behaviour, requestId } = about
  const recognition = createTurnRecognition(settings, behaviour)
  const frames = createTurnFrames(requestId, settings, behaviour)

  /** Returns what is answered. */
  function configure(thresholds: Thresholds | undefined): Told {
    if (!thresholds || behaviour.configure === 'failure') return { configured: 'failure', thresholds: {} }
    const { eager_eot_threshold: eagerThreshold, eot_timeout_ms: endTimeoutMs } = thresholds
    recognition.configure({
      ...(eagerThreshold === undefined ? {} : { eagerThreshold }),
      ...(endTimeoutMs === undefined ? {} : { endTimeoutMs }),
    })
    return { configured: 'success', thresholds }
  }

  return {
    hear: (saying) => recognition.hear(saying),
    advance: (audioMs) => recognition.advance(audioMs),
    finish: () => recognition.finish(),
    greeting: () => frames.connected(),
    frame: (told) => ('event' in told ? frames.turn(told) : frames.configured(told.configured, told.thresholds)),
    errorFrame: (code, description) => frames.error(code, description),
    read: readTurnMessage,
    pingsCount: true,
    obey(message, grip) {
      if (message.kind !== 'unreadable') grip.stay()
      if (message.kind === 'close-stream') grip.finish()
      else if (message.kind === 'configure') grip.tell([configure(message.thresholds)])
      else if (message.kind === 'force-end-turn' && behaviour.forceEndTurn === 'known')
        grip.tell(recognition.forceEnd())
      else if (behaviour.badMessage === 'close')
        grip.fail('UNPARSABLE_CLIENT_MESSAGE', 'The message is none that can be read.')
      return undefined
    },
  }
}
