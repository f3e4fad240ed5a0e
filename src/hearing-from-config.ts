import type { Settings } from './config.ts'
import { createAsyncRecognizer } from './hearing/async/recognizer.ts'
import { createDeepgramRecognizer } from './hearing/deepgram/recognizer.ts'
import type { Recognizer } from './hearing/recognizer.ts'
import type { Clock } from './ops/clock.ts'

/** The recognizer that the settings choose; `undefined`: nobody listens, and flows ask for keys. */
export function recognizerOf(config: Settings, clock: Clock): Recognizer | undefined {
  const { DEEPGRAM_API_KEY: apiKey, HEARING_PROVIDER: provider, HEARING_MODEL: model } = config
  const spoken = config.HEARING_LANGUAGE ?? config.ASYNC_LANGUAGE
  const language = spoken === undefined ? {} : { language: spoken }
  if (provider === 'async') {
    const { ASYNC_API_KEY: asyncKey, ASYNC_URL: url } = config
    return asyncKey === undefined ? undefined : createAsyncRecognizer({ url, apiKey: asyncKey, ...language }, { clock })
  }
  if (provider === 'none' || apiKey === undefined) return undefined
  return createDeepgramRecognizer({ url: config.DEEPGRAM_URL, apiKey, model, ...language }, { clock })
}
