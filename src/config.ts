import { z } from 'zod'
import { BridgeError } from './errors.ts'
import {
  apiKeys,
  baseUrl,
  countries,
  flowParameters,
  inboundFlows,
  integer,
  levels,
  providers,
  secret,
  sid,
} from './config-values.ts'
import { clashesIn, concerns, missingFor, type Need, type SpeechNeed } from './config-needs.ts'
import { isLoopback } from './twilio/stream-url.ts'

/**
 * The environment as one frozen, typed object. This table is the only place that knows the names; `.env.example` is
 * compared with it by a test.
 */
const settings = z.object({
  TWILIO_ACCOUNT_SID: sid('AC').optional(),
  TWILIO_AUTH_TOKEN: secret.optional(),
  TWILIO_AUTH_TOKEN_NEXT: secret.optional(),
  TWILIO_FROM_NUMBER: z.string().optional(),
  TWILIO_API_KEY: sid('SK').optional(),
  TWILIO_API_SECRET: secret.optional(),
  TWILIO_REGION: z
    .string()
    .regex(/^[a-z]{2}\d$/, 'expected a region such as ie1')
    .optional(),
  TWILIO_EDGE: z
    .string()
    .regex(/^[a-z-]+$/, 'expected an edge such as dublin')
    .optional(),
  TWILIO_API_URL: baseUrl.default('https://api.twilio.com'),
  OUTBOUND_NUMBER: z.string().optional(),
  CONFIGURE_NUMBER: z.enum(['on', 'off'], 'expected on or off').default('off'),

  SPEECH_PROVIDERS: providers.default(['async']),
  ASYNC_API_KEY: secret.optional(),
  ASYNC_VOICE_ID: z.uuid('expected the UUID of a voice').default('e0f39dc4-f691-4e78-bba5-5c636692cc04'),
  ASYNC_MODEL_ID: z.string().default('async_flash_v1.5'),
  ASYNC_LANGUAGE: z
    .string()
    .regex(/^[a-z]{2}$/, 'expected two letters such as en')
    .optional(),
  ASYNC_URL: baseUrl.default('https://api.async.com'),
  ASYNC_VERSION: z.string().default('v1'),
  DEEPGRAM_API_KEY: secret.optional(),
  DEEPGRAM_VOICE: z
    .string()
    .regex(/^aura(-\d)?-[a-z]+-[a-z]{2}$/, 'expected the name of a voice such as aura-2-thalia-en')
    .default('aura-2-thalia-en'),
  DEEPGRAM_URL: baseUrl.default('https://api.deepgram.com'),

  HEARING_PROVIDER: z.enum(['deepgram', 'async', 'none'], 'expected deepgram, async or none').optional(),
  HEARING_MODEL: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'expected the name of a model such as nova-3')
    .default('nova-3'),
  HEARING_LANGUAGE: z
    .string()
    .regex(/^([a-z]{2,3}(-[A-Za-z0-9]{2,8})*|multi)$/, 'expected a language such as en or en-US')
    .optional(),

  SPEECH_CACHE: z.enum(['on', 'off'], 'expected on or off').default('on'),
  SPEECH_CACHE_MB: integer(0, 1_000_000).default(256),
  SPEECH_CACHE_MEMORY_MB: integer(1, 100_000).default(32),
  SPEECH_CACHE_DAYS: integer(1, 3_650).default(30),
  PRESYNTHESIZE: z.enum(['on', 'off'], 'expected on or off').default('on'),

  PUBLIC_URL: baseUrl.optional(),
  NGROK_AUTHTOKEN: secret.optional(),
  NGROK_DOMAIN: z
    .string()
    .regex(/^[a-z0-9.-]+$/i, 'expected a domain without https://')
    .optional(),
  HOST: z.string().default('127.0.0.1'),
  PORT: integer(0, 65_535).optional(),
  MAX_PENDING_SOCKETS: integer(1, 100_000).default(200),

  API_KEYS: apiKeys.default([]),
  ALLOWED_COUNTRIES: countries.optional(),
  MAX_CALLS: integer(1, 10_000).default(100),
  CALLS_PER_MINUTE: integer(1, 100_000).default(60),
  CALLS_PER_NUMBER_PER_HOUR: integer(1, 100_000).default(10),
  MAX_LOOP_DELAY_MS: integer(1, 60_000).default(100),
  MAX_EVENT_STREAMS: integer(1, 100_000).default(1_000),
  EVENT_STREAMS_PER_KEY: integer(1, 100_000).default(200),
  DATA_DIR: z.string().default('./data'),
  RECORDS_KEEP_DAYS: integer(1, 3_650).default(30),

  FLOWS: inboundFlows.default(new Map()),
  FLOW_PARAMETERS: flowParameters.default({}),
  GREETING: z.string().default('Hello. You have reached callbridge. Goodbye.'),
  RING_TIMEOUT_MS: integer(1_000, 600_000).default(60_000),
  MACHINE_DETECTION: z.enum(['on', 'off'], 'expected on or off').default('off'),
  DETECTION_WAIT_MS: integer(0, 60_000).default(10_000),
  MAX_MESSAGE_CHARS: integer(1, 1_000_000).default(20_000),
  // Twilio ends every call after 24 hours at the latest.
  MAX_CALL_MS: integer(1_000, 86_000_000).default(3_600_000),
  IDLE_TIMEOUT_MS: integer(1_000, 86_000_000).default(60_000),
  BARGE_IN: z.enum(['keys', 'speech', 'energy'], 'expected keys, speech or energy').default('speech'),
  DRAIN_TIMEOUT_MS: integer(0, 86_000_000).default(30_000),
  DRAIN_SENTENCE: z
    .string()
    .default('We are sorry, we have to end this call here. Please try again in a few minutes. Goodbye.'),
  APOLOGY_SENTENCE: z
    .string()
    .min(1)
    .default('We are sorry, this message cannot be given at the moment. Please try again later. Goodbye.'),
  FIRST_AUDIO_TIMEOUT_MS: integer(100, 60_000).default(1_500),
  METRICS_KEY: secret.optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'expected a URL such as http://localhost:4318' })
    .optional(),
  LOG_LEVEL: z.enum(levels, `expected one of ${levels.join(', ')}`).default('info'),
})

export type Settings = Readonly<z.output<typeof settings>>
export const settingNames: readonly string[] = Object.keys(settings.shape)

/** Names of Async's own guide. (Confusing there: INBOUND_NUMBER is *our* Twilio number.) */
const aliases: Readonly<Record<string, string>> = {
  INBOUND_NUMBER: 'TWILIO_FROM_NUMBER',
  // Options of a command line. A problem is told under the name that the user wrote.
  '--from': 'TWILIO_FROM_NUMBER',
  '--voice': 'ASYNC_VOICE_ID',
  '--model': 'ASYNC_MODEL_ID',
  '--language': 'ASYNC_LANGUAGE',
  '--timeout': 'RING_TIMEOUT_MS',
}
export const aliasNames: readonly string[] = Object.keys(aliases).filter((name) => !name.startsWith('--'))

/** Whether the public address leads here through a proxy of somebody else's making, as one of another machine does. */
export function isProxied({ PUBLIC_URL }: Settings): boolean {
  return PUBLIC_URL !== undefined && !isLoopback(new URL(PUBLIC_URL).hostname)
}

/** `--voice` names a voice of the provider that speaks first. */
function settingNamed(name: string, layers: readonly Layer[]): string {
  const speaksFirst = layers.findLast((layer) => layer['SPEECH_PROVIDERS']?.trim())?.['SPEECH_PROVIDERS'] ?? ''
  if (name === '--voice' && speaksFirst.trim().startsWith('deepgram')) return 'DEEPGRAM_VOICE'
  return aliases[name] ?? name
}

type Layer = Readonly<Record<string, string | undefined>>

/** Settings of which the ones that the need names are surely there. */
export type Config = Settings & {
  readonly TWILIO_ACCOUNT_SID: string
  readonly TWILIO_AUTH_TOKEN: string
}

/**
 * Reads the layers, the later wins; an empty value counts as not given.
 *
 * @throws BridgeError `config.invalid` that lists every problem at once and repeats no value
 */
export function readConfig(need: Need, ...layers: readonly Layer[]): Config {
  const read = readSettings(need, ...layers)
  const { TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN } = read
  if (TWILIO_ACCOUNT_SID === undefined || TWILIO_AUTH_TOKEN === undefined)
    throw new BridgeError('internal', 'Settings were read without the Twilio account.')
  return Object.freeze({ ...read, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN })
}

/** The same for a command that may need no Twilio account. */
export function readSettings(need: Need | SpeechNeed, ...layers: readonly Layer[]): Settings {
  const given: Record<string, string> = {}
  const writtenAs: Record<string, string> = {}
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer)) {
      if (value === undefined || value.trim() === '') continue
      const setting = settingNamed(name, layers)
      if (!concerns(need, setting)) continue
      given[setting] = value.trim()
      writtenAs[setting] = name
    }
  }
  const parsed = settings.safeParse(given)
  const problems = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${writtenAs[path.join('.')] ?? path.join('.')}: ${message}`)
  problems.push(...missingFor(need, given), ...clashesIn(given))
  if (given['PORT'] === '0' && given['PUBLIC_URL']) {
    problems.push('PORT: expected a fixed port, since PUBLIC_URL has to lead to it')
  }
  if (!parsed.success || problems.length > 0) {
    throw new BridgeError('config.invalid', `Settings:\n${problems.map((problem) => `  ${problem}`).join('\n')}`, {
      details: { problems: problems.length },
    })
  }
  return Object.freeze(parsed.data)
}
