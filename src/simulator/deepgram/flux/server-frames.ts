import type { TurnBehaviour } from './behaviour.ts'
import type { TimedWord, TurnEvent } from './plan.ts'
import type { TurnSettings } from './query.ts'
import type { ToldTurn } from './recognition.ts'

/** The JSON frames of `/v2/listen` (Deepgram's asyncapi.yml). Each has the number of the message on its socket. */
export interface TurnFrames {
  connected(): string
  turn(told: ToldTurn): string
  configured(how: 'success' | 'failure', thresholds: object): string
  error(code: string, description: string): string
}

const wordConfidence = 0.98
const endConfidence: Readonly<Record<TurnEvent, number>> = {
  StartOfTurn: 0.1,
  Update: 0.1,
  EagerEndOfTurn: 0.6,
  TurnResumed: 0.2,
  EndOfTurn: 0.9,
}

export function createTurnFrames(
  requestId: string,
  { model, languageHints, keyterms }: TurnSettings,
  behaviour: Readonly<TurnBehaviour>,
): TurnFrames {
  let sequenceId = 0
  const about = () => ({ request_id: requestId, sequence_id: sequenceId++ })
  const languages = {
    ...(model === 'flux-general-multi' ? { languages: [languageHints[0] ?? 'en'] } : {}),
    ...(languageHints.length === 0 ? {} : { languages_hinted: languageHints }),
  }

  return {
    connected: () => JSON.stringify({ type: 'Connected', ...about() }),
    turn({ event, turn, words, fromMs, toMs, trigger }) {
      const written = behaviour.writing === 'sentence' ? asSentence(words, event) : words
      return JSON.stringify({
        type: 'TurnInfo',
        ...about(),
        event,
        turn_index: turn,
        audio_window_start: fromMs / 1000,
        audio_window_end: toMs / 1000,
        transcript: written.map(({ word }) => word).join(' '),
        words: written.map(({ word, startMs, endMs }) => ({
          word,
          confidence: wordConfidence,
          ...(behaviour.wordTimes === 'sent' ? { start: startMs / 1000, end: endMs / 1000 } : {}),
        })),
        end_of_turn_confidence: endConfidence[event],
        ...(trigger === undefined ? {} : { trigger }),
        ...languages,
      })
    },
    configured(how, thresholds) {
      if (how === 'failure') return JSON.stringify({ type: 'ConfigureFailure', ...about() })
      const now = { thresholds, keyterms, ...(languageHints.length === 0 ? {} : { language_hints: languageHints }) }
      return JSON.stringify({ type: 'ConfigureSuccess', ...about(), ...now })
    },
    error: (code, description) => JSON.stringify({ type: 'Error', sequence_id: sequenceId++, code, description }),
  }
}

function asSentence(words: readonly TimedWord[], event: TurnEvent): TimedWord[] {
  const mayEnd = event === 'EagerEndOfTurn' || event === 'EndOfTurn'
  return words.map((timed, index) => {
    const { word } = timed
    const begun = index === 0 ? word.slice(0, 1).toUpperCase() + word.slice(1) : word
    return { ...timed, word: mayEnd && index === words.length - 1 ? `${begun}.` : begun }
  })
}
