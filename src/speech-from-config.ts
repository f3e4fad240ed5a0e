import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Config, Settings } from './config.ts'
import type { SpeechEntry } from './config-values.ts'
import type { Clock } from './ops/clock.ts'
import { createAsyncHttpSpeech } from './speech/async/http-provider.ts'
import { createAsyncSpeech } from './speech/async/provider.ts'
import { createAudioFolder } from './speech/cache/folder.ts'
import { cacheSpeech, prepareSpeech } from './speech/cache/provider.ts'
import { type AudioStore, createAudioStore } from './speech/cache/store.ts'
import { createDeepgramSpeech } from './speech/deepgram/provider.ts'
import { createFailoverSpeech } from './speech/failover/provider.ts'
import { createLocalSpeech } from './speech/local/provider.ts'
import { observeEvents, observeFailures, type SpeechObserver } from './speech/observed.ts'
import type { SpeechProvider } from './speech/provider.ts'
import { isLoopback } from './twilio/stream-url.ts'

interface SpeechDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly observer: SpeechObserver
}

/**
 * The voice that the settings choose: the providers of SPEECH_PROVIDERS, each observed and with what was rendered kept
 * where it is worth it, and behind the first those that take over when it cannot go on.
 */
export function speechFromConfig(config: Config, deps: SpeechDeps): SpeechProvider {
  const store = config.SPEECH_CACHE === 'on' ? audioStore(config, deps) : undefined
  const voiceOf = (entry: SpeechEntry) => {
    const voice = observeFailures(providerOf(entry, config, deps.clock), deps.observer)
    if (store && voice.identity) return cacheSpeech(voice, { clock: deps.clock, store })
    return config.PRESYNTHESIZE === 'on' ? prepareSpeech(voice, deps) : voice
  }
  const [first = 'async', ...others] = config.SPEECH_PROVIDERS
  if (others.length === 0) return observeEvents(voiceOf(first), deps.observer)
  const settings = { firstAudioTimeoutMs: config.FIRST_AUDIO_TIMEOUT_MS, language: config.ASYNC_LANGUAGE }
  const voice = createFailoverSpeech(voiceOf(first), others.map(voiceOf), settings, deps)
  return observeEvents(voice, deps.observer)
}

const megabyte = 1_000_000
const dayMs = 86_400_000

function audioStore(config: Config, { clock, log }: SpeechDeps): AudioStore {
  const keepMs = config.SPEECH_CACHE_DAYS * dayMs
  const maxBytes = config.SPEECH_CACHE_MB * megabyte
  const folder = join(config.DATA_DIR, 'speech-cache')
  return createAudioStore({
    clock,
    keepMs,
    memoryBytes: config.SPEECH_CACHE_MEMORY_MB * megabyte,
    folder: maxBytes > 0 ? createAudioFolder({ folder, maxBytes, keepMs, clock, log }) : undefined,
  })
}

/** The provider of one entry of SPEECH_PROVIDERS. Its name is the entry. A key that is missing is refused by the service. */
export function providerOf(entry: SpeechEntry, config: Settings, clock: Clock): SpeechProvider {
  switch (entry) {
    case 'local':
      return createLocalSpeech(config.ASYNC_LANGUAGE === undefined ? {} : { language: config.ASYNC_LANGUAGE })
    case 'async':
      return createAsyncSpeech(asyncSettings(config), { clock })
    case 'async-http':
      return createAsyncHttpSpeech(asyncSettings(config), { clock })
    default: {
      const { DEEPGRAM_API_KEY: apiKey = '', DEEPGRAM_VOICE: voice } = config
      const url = deepgramUrl(entry, config.DEEPGRAM_URL)
      return createDeepgramSpeech({ name: entry, url, apiKey, voice }, { clock })
    }
  }
}

/** Async's part of the settings. */
export function asyncSettings(config: Settings) {
  return {
    url: config.ASYNC_URL,
    apiKey: config.ASYNC_API_KEY ?? '',
    version: config.ASYNC_VERSION,
    voiceId: config.ASYNC_VOICE_ID,
    modelId: config.ASYNC_MODEL_ID,
    ...(config.ASYNC_LANGUAGE === undefined ? {} : { language: config.ASYNC_LANGUAGE }),
  }
}

/** A region has a host of its own; an emulator on this machine stands for every region. */
export function deepgramUrl(entry: Exclude<SpeechEntry, 'async' | 'async-http' | 'local'>, url: string): string {
  const [, region] = entry.split('@')
  return region === undefined || isLoopback(new URL(url).hostname) ? url : `https://api.${region}.deepgram.com`
}
