import type { Config, SpeechEntry } from './config.ts'
import { BridgeError } from './errors.ts'
import type { Clock } from './ops/clock.ts'
import { startTracing, type Tracing } from './ops/tracing.ts'
import { createAsyncSpeech } from './speech/async/provider.ts'
import { createDeepgramSpeech } from './speech/deepgram/provider.ts'
import { createLocalSpeech } from './speech/local/provider.ts'
import type { SpeechProvider } from './speech/provider.ts'
import type { createTwilioRest } from './twilio/rest.ts'
import { isLoopback } from './twilio/stream-url.ts'

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

/** The voice that the settings choose: the first of the list. */
export function speechProvider(config: Config, clock: Clock): SpeechProvider {
  return providerOf(config.SPEECH_PROVIDERS[0] ?? 'async', config, clock)
}

/** The provider of one entry of SPEECH_PROVIDERS. Its name is the entry. */
export function providerOf(entry: SpeechEntry, config: Config, clock: Clock): SpeechProvider {
  const language = config.ASYNC_LANGUAGE === undefined ? {} : { language: config.ASYNC_LANGUAGE }
  if (entry === 'local') return createLocalSpeech(language)
  if (entry !== 'async') {
    const { DEEPGRAM_API_KEY: apiKey = '', DEEPGRAM_VOICE: voice } = config
    return createDeepgramSpeech({ name: entry, url: deepgramUrl(entry, config.DEEPGRAM_URL), apiKey, voice }, { clock })
  }
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

/** A region has a host of its own; an emulator on this machine stands for every region. */
export function deepgramUrl(entry: Exclude<SpeechEntry, 'async' | 'local'>, url: string): string {
  const [, region] = entry.split('@')
  return region === undefined || isLoopback(new URL(url).hostname) ? url : `https://api.${region}.deepgram.com`
}
