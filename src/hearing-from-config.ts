import type { Settings } from './config.ts'
import { createDeepgramRecognizer } from './hearing/deepgram/recognizer.ts'
import type { Recognizer } from './hearing/recognizer.ts'
import type { Clock } from './ops/clock.ts'

/** The recognizer that the settings choose; `undefined`: nobody listens, and flows ask for keys. */
export function recognizerOf(config: Settings, clock: Clock): Recognizer | undefined {
  const { DEEPGRAM_API_KEY: apiKey, HEARING_PROVIDER: provider, HEARING_MODEL: model } = config
  if (provider === 'none' || apiKey === undefined) return undefined
  const language = config.HEARING_LANGUAGE ?? config.ASYNC_LANGUAGE
  const settings = { url: config.DEEPGRAM_URL, apiKey, model, ...(language === undefined ? {} : { language }) }
  return createDeepgramRecognizer(settings, { clock })
}
