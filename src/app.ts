import formbody from '@fastify/formbody'
import websocket from '@fastify/websocket'
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Logger } from 'pino'
import { type CallDeps, type DialRequest, dial, registerCall } from './call/dialler.ts'
import type { LiveCall } from './call/live-call.ts'
import { createRegistry } from './call/registry.ts'
import type { Config } from './config.ts'
import type { BridgeError } from './errors.ts'
import { conduct } from './flows/conduct.ts'
import type { Flow } from './flows/flow.ts'
import { notify } from './flows/notify.ts'
import { closeServer } from './http/closing.ts'
import { answerFailure } from './http/failure.ts'
import { handshakeGuard, upgradeGuard, webhookGuard } from './http/guard.ts'
import { serveMediaSocket } from './http/media-socket.ts'
import { paths } from './http/paths.ts'
import { createTelephony } from './http/telephony.ts'
import { webhookRoutes } from './http/webhooks.ts'
import type { Clock } from './ops/clock.ts'
import { createAsyncSpeech } from './speech/async/provider.ts'
import { createLocalSpeech } from './speech/local/provider.ts'
import type { SpeechProvider } from './speech/provider.ts'
import { whyNoVoice } from './speech/readiness.ts'
import { whyNotSpeakable } from './speech/speakable.ts'
import { splitForSpeech } from './speech/split.ts'
import { maxMessageLength } from './twilio/media-stream.ts'
import { createTwilioRest } from './twilio/rest.ts'
import type { VoiceWebhook } from './twilio/webhooks.ts'

/** A webhook of Twilio's has some thirty short fields. */
const maxBodyBytes = 65_536
/** Twilio itself waits 15 s for the whole of an exchange. A request that takes longer to arrive is none of its. */
const maxRequestMs = 15_000

export interface AppDeps {
  readonly clock: Clock
  readonly log: Logger
  /** The address Twilio reaches us at. Asked for at each use: a tunnel opens after the server listens. */
  readonly publicUrl: () => string
  /** A speech provider to use instead of the configured one. */
  readonly speech?: SpeechProvider
  /** TwiML longer than this is served by URL. Default: Twilio's own limit. */
  readonly inlineTwimlLimit?: number
  /** How long Twilio may take to answer a REST request, in the machine's own time. Default: 10 s. */
  readonly restTimeoutMs?: number
}

export interface App {
  readonly server: FastifyInstance
  /** Why the voice cannot speak a text, to be asked before a phone rings for it; undefined when it can. */
  whyNotSpeakable(text: string): BridgeError | undefined
  /** Why the voice can speak no text at all, to be asked before a server waits for calls; undefined when it can. */
  whyNoVoice(): Promise<BridgeError | undefined>
  /**
   * Dials and conducts the call by `flow`. What goes wrong stands in the outcome; nothing is thrown. Once `close` was
   * called nobody is dialled any more, and the outcome is `canceled`.
   */
  dial(request: DialRequest, flow?: Flow): LiveCall
  /** The calls that are not over. */
  calls(): readonly LiveCall[]
  /** Ends every call, waits for the outcomes, closes the server. Idempotent. */
  close(): Promise<void>
}

/** Wires the features together. It never listens and never reads the environment. */
export async function buildApp(config: Config, deps: AppDeps): Promise<App> {
  const { clock, log, publicUrl } = deps
  const registry = createRegistry(config.TWILIO_ACCOUNT_SID)
  const rest = createTwilioRest(twilioSettings(config, deps.restTimeoutMs), { clock, log })
  const speech = deps.speech ?? speechProvider(config, clock)
  const inlineLimit = deps.inlineTwimlLimit
  const telephony = createTelephony(rest, publicUrl, inlineLimit === undefined ? {} : { inlineLimit })
  const split = (text: string) => splitForSpeech(text, config.ASYNC_LANGUAGE)
  const callDeps: CallDeps = { clock, log, registry, telephony, speech, split }

  let closing: Promise<void> | undefined

  function answer(inbound: VoiceWebhook): LiveCall | undefined {
    if (closing) return undefined
    const call = registerCall(callDeps, {
      direction: 'inbound',
      to: inbound.to,
      from: inbound.from,
      parameters: { message: config.GREETING },
      keepAudio: false,
      awaitVerdict: false,
    })
    call.placed(inbound.callSid)
    // Our TwiML is what picks up.
    call.status('in-progress')
    void conduct(call, notify)
    return call
  }

  // What Fastify says of itself while all is well (where it listens, once for each address) is said elsewhere.
  const loggerInstance: FastifyBaseLogger = log.level === 'info' ? log.child({}, { level: 'warn' }) : log
  const logController = new LogController({ disableRequestLogging: true })
  /** A call that was given up because Twilio did not answer has turned up after all. */
  function endStray(callSid: string): void {
    log.warn({ callSid }, 'a call that was given up turned up; it is ended')
    telephony.end(callSid).catch(() => log.error({ callSid }, 'the stray call could not be ended'))
  }

  const server = fastify({ loggerInstance, logController, bodyLimit: maxBodyBytes, requestTimeout: maxRequestMs })
  server.setErrorHandler(answerFailure)
  const guard = { authTokens: [config.TWILIO_AUTH_TOKEN], publicUrl }
  await server.register(formbody)
  await server.register(websocket, { options: { maxPayload: maxMessageLength, perMessageDeflate: false } })
  server.addHook('onRequest', upgradeGuard)
  await server.register(async (webhooks) => {
    webhooks.addHook('preHandler', webhookGuard(guard))
    webhookRoutes(webhooks, { registry, publicUrl, answer, endStray })
  })
  await server.register(async (media) => {
    media.get(paths.media, { websocket: true, preValidation: handshakeGuard(guard) }, (socket) =>
      serveMediaSocket(socket, { registry, clock, log }),
    )
  })
  server.get(paths.health, async () => ({ status: 'ok' }))

  async function close(): Promise<void> {
    const calls = registry.all()
    for (const call of calls) call.end('cancelled')
    await Promise.all(calls.map((call) => call.outcome))
    await closeServer(server, clock)
  }

  return {
    server,
    whyNotSpeakable: (text) =>
      whyNotSpeakable(text, {
        capabilities: speech.capabilities,
        language: config.ASYNC_LANGUAGE,
        maxChars: config.MAX_MESSAGE_CHARS,
      }),
    whyNoVoice: () => whyNoVoice(speech, { clock, log }),
    dial(request, flow = notify) {
      const call = dial(callDeps, request)
      if (closing) call.end('cancelled')
      void conduct(call, flow)
      return call
    },
    calls: () => registry.all(),
    close: () => (closing ??= close()),
  }
}

function twilioSettings(config: Config, timeoutMs: number | undefined): Parameters<typeof createTwilioRest>[0] {
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

function speechProvider(config: Config, clock: Clock): SpeechProvider {
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
