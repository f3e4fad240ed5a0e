import type { Settings } from '../src/config.ts'
import { BridgeError } from '../src/errors.ts'
import type { Clock } from '../src/ops/clock.ts'
import { createAsyncHttpSpeech } from '../src/speech/async/http-provider.ts'
import { createLocalSpeech } from '../src/speech/local/provider.ts'
import { createLocalVoice } from '../src/speech/local/voice.ts'
import type { SpeechProvider } from '../src/speech/provider.ts'

export interface OpenProvider {
  readonly provider: SpeechProvider
  readonly close: () => Promise<void>
}

/**
 * A provider that speaks as in a call, by its name in SPEECH_PROVIDERS.
 *
 * @throws BridgeError `usage.invalid`, `config.invalid`
 */
export function phoneProvider(name: string, config: Settings, clock: Clock): OpenProvider {
  const language = config.ASYNC_LANGUAGE === undefined ? {} : { language: config.ASYNC_LANGUAGE }
  if (name === 'local') {
    // Its thread would keep the command alive.
    const voice = createLocalVoice()
    return { provider: createLocalSpeech({ ...language, voice }), close: () => voice.close() }
  }
  if (name === 'async-http') {
    const provider = createAsyncHttpSpeech(asyncSettings(config), { clock })
    return { provider, close: () => Promise.resolve() }
  }
  throw new BridgeError('usage.invalid', 'Expected one of the providers async, async-http, local (--provider).')
}

/** @throws BridgeError `config.invalid` without a key */
export function asyncSettings(config: Settings) {
  const { ASYNC_API_KEY: apiKey } = config
  if (apiKey === undefined)
    throw new BridgeError(
      'config.invalid',
      'Settings:\n  ASYNC_API_KEY: missing. Make one at async.com/developer, or use --provider local.',
    )
  return {
    url: config.ASYNC_URL,
    apiKey,
    version: config.ASYNC_VERSION,
    voiceId: config.ASYNC_VOICE_ID,
    modelId: config.ASYNC_MODEL_ID,
    ...(config.ASYNC_LANGUAGE === undefined ? {} : { language: config.ASYNC_LANGUAGE }),
  }
}
