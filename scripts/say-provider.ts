import type { Settings } from '../src/config.ts'
import { type SpeechEntry, speechEntries } from '../src/config-values.ts'
import { BridgeError } from '../src/errors.ts'
import type { Clock } from '../src/ops/clock.ts'
import { createLocalSpeech } from '../src/speech/local/provider.ts'
import { createLocalVoice } from '../src/speech/local/voice.ts'
import type { SpeechProvider } from '../src/speech/provider.ts'
import { asyncSettings, providerOf } from '../src/speech-from-config.ts'

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
  if (name === 'local') {
    const language = config.ASYNC_LANGUAGE === undefined ? {} : { language: config.ASYNC_LANGUAGE }
    // Its thread would keep the command alive.
    const voice = createLocalVoice()
    return { provider: createLocalSpeech({ ...language, voice }), close: () => voice.close() }
  }
  if (!isSpeechEntry(name))
    throw new BridgeError('usage.invalid', `--provider: expected one of ${speechEntries.join(', ')}; "${name}" came.`)
  if (name === 'async-http') asyncAccount(config)
  else if (config.DEEPGRAM_API_KEY === undefined) throw noKey('DEEPGRAM_API_KEY', 'console.deepgram.com')
  return { provider: providerOf(name, config, clock), close: () => Promise.resolve() }
}

/** @throws BridgeError `config.invalid` without a key */
export function asyncAccount(config: Settings): ReturnType<typeof asyncSettings> {
  if (config.ASYNC_API_KEY === undefined) throw noKey('ASYNC_API_KEY', 'async.com/developer')
  return asyncSettings(config)
}

function isSpeechEntry(name: string): name is SpeechEntry {
  return speechEntries.some((entry) => entry === name)
}

function noKey(setting: string, where: string): BridgeError {
  return new BridgeError(
    'config.invalid',
    `Settings:\n  ${setting}: missing. Make one at ${where}, or use --provider local.`,
  )
}
