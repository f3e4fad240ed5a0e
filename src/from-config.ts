import type { Config } from './config.ts'
import { BridgeError } from './errors.ts'
import { join } from 'node:path'
import type { Clock } from './ops/clock.ts'
import type { Log } from './ops/logger.ts'
import { startTracing, type Tracing } from './ops/tracing.ts'
import { createAsyncSpeech } from './speech/async/provider.ts'
import { createAudioFolder } from './speech/cache/folder.ts'
import { cacheSpeech, prepareSpeech } from './speech/cache/provider.ts'
import { type AudioStore, createAudioStore } from './speech/cache/store.ts'
import { createLocalSpeech } from './speech/local/provider.ts'
import type { SpeechProvider } from './speech/provider.ts'
import type { createTwilioRest } from './twilio/rest.ts'

/** Spans, when a collector is named. */
export function tracingOf(config: Config, clock: Clock): Promise<Tracing> | undefined {
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT
  if (endpoint === undefined) return undefined
  const notInstalled = (packages: string) =>
    new BridgeError(
      'config.invalid',
      `OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed. Run npm install ${packages}, or unset it.`,
    )
  return startTracing(endpoint, { clock, notInstalled })
}

/** The account as the REST client wants it. */
export function twilioSettings(config: Config, timeoutMs: number | undefined): Parameters<typeof createTwilioRest>[0] {
  return {
    accountSid: config.TWILIO_ACCOUNT_SID,
    authToken: config.TWILIO_AUTH_TOKEN,
    apiUrl: config.TWILIO_API_URL,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(config.TWILIO_API_KEY === undefined ? {} : { apiKey: config.TWILIO_API_KEY }),
    ...(config.TWILIO_API_SECRET === undefined ? {} : { apiSecret: config.TWILIO_API_SECRET }),
    ...(config.TWILIO_REGION === undefined ? {} : { region: config.TWILIO_REGION }),
    ...(config.TWILIO_EDGE === undefined ? {} : { edge: config.TWILIO_EDGE }),
  }
}

/** The voice that the settings choose, with what is known of a call's words rendered before they are said. */
export function speechProvider(config: Config, deps: { readonly clock: Clock; readonly log: Log }): SpeechProvider {
  const voice = plainProvider(config, deps.clock)
  if (config.SPEECH_CACHE === 'on' && voice.identity)
    return cacheSpeech(voice, { ...deps, store: audioStore(config, deps) })
  return config.PRESYNTHESIZE === 'on' ? prepareSpeech(voice, deps) : voice
}

const megabyte = 1_000_000
const dayMs = 86_400_000

function audioStore(config: Config, deps: { readonly clock: Clock; readonly log: Log }): AudioStore {
  const keepMs = config.SPEECH_CACHE_DAYS * dayMs
  const maxBytes = config.SPEECH_CACHE_MB * megabyte
  const folder = join(config.DATA_DIR, 'speech-cache')
  return createAudioStore({
    clock: deps.clock,
    keepMs,
    memoryBytes: config.SPEECH_CACHE_MEMORY_MB * megabyte,
    folder: maxBytes > 0 ? createAudioFolder({ folder, maxBytes, keepMs, ...deps }) : undefined,
  })
}

function plainProvider(config: Config, clock: Clock): SpeechProvider {
  const language = config.ASYNC_LANGUAGE === undefined ? {} : { language: config.ASYNC_LANGUAGE }
  if (config.SPEECH_PROVIDERS === 'local') return createLocalSpeech(language)
  return createAsyncSpeech(
    {
      url: config.ASYNC_URL,
      apiKey: config.ASYNC_API_KEY ?? '',
      voiceId: config.ASYNC_VOICE_ID,
      modelId: config.ASYNC_MODEL_ID,
      version: config.ASYNC_VERSION,
      ...language,
    },
    { clock },
  )
}
