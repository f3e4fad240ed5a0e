import formbody from '@fastify/formbody'
import websocket from '@fastify/websocket'
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Logger } from 'pino'
import { type CallDeps, type DialRequest, dial, registerCall } from './call/dialler.ts'
import type { LiveCall } from './call/live-call.ts'
import { bothObservers, type ObservedCall } from './call/observer.ts'
import { type PlacedCall, placeCall, type PlaceRequest, type PlacingDeps } from './call/placing.ts'
import { recordCall, type RecordFacts } from './call/recorder.ts'
import type { CallRecords } from './call/records.ts'
import { createRegistry } from './call/registry.ts'
import type { Config } from './config.ts'
import { BridgeError } from './errors.ts'
import { conduct } from './flows/conduct.ts'
import type { Flow } from './flows/flow.ts'
import { flows } from './flows/flows.ts'
import { notify } from './flows/notify.ts'
import { serveApi } from './http/api/api.ts'
import { unknownPath } from './http/api/problem.ts'
import { closeServer } from './http/closing.ts'
import { answerFailure } from './http/failure.ts'
import { handshakeGuard, upgradeGuard, webhookGuard } from './http/guard.ts'
import { serveMediaSocket } from './http/media-socket.ts'
import { metricsRoute } from './http/metrics.ts'
import { paths } from './http/paths.ts'
import { createTelephony } from './http/telephony.ts'
import { webhookRoutes } from './http/webhooks.ts'
import type { Clock } from './ops/clock.ts'
import { measureLoopDelay } from './ops/loop-delay.ts'
import { createMetrics, metricsContentType } from './ops/metrics.ts'
import { startTracing, type Tracing } from './ops/tracing.ts'
import { placingRules } from './placing-rules.ts'
import { createAsyncSpeech } from './speech/async/provider.ts'
import { createLocalSpeech } from './speech/local/provider.ts'
import { observeSpeech } from './speech/observed.ts'
import type { SpeechProvider } from './speech/provider.ts'
import { whyNotSpeakable } from './speech/speakable.ts'
import { splitForSpeech } from './speech/split.ts'
import { createMemoryRecords } from './store/memory-records.ts'
import { maxMessageLength } from './twilio/media-stream.ts'
import { createTwilioRest } from './twilio/rest.ts'
import type { VoiceWebhook } from './twilio/webhooks.ts'

/** A webhook of Twilio's has some thirty short fields. */
const maxBodyBytes = 65_536
/** Twilio itself waits 15 s for the whole of an exchange. A request that takes longer to arrive is none of its. */
const maxRequestMs = 15_000
/** A character of JSON may be written as \u and four digits. */
const bytesPerChar = 6
/** What a record says of a call that no request made. */
const unasked = { idempotencyKey: null, requestDigest: null }

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
  /** Where calls are recorded; closed by whoever opened it. Default: in memory. */
  readonly records?: CallRecords
  /** How late the event loop runs. Default: it is measured. */
  readonly loopDelayMs?: () => number
}

export interface App {
  readonly server: FastifyInstance
  /** The voice that calls speak with. */
  readonly speech: SpeechProvider
  readonly records: CallRecords
  /** Why the voice cannot speak a text, to be asked before a phone rings for it; undefined when it can. */
  whyNotSpeakable(text: string): BridgeError | undefined
  /** Checks a request, records it and dials. @throws BridgeError as `placeCall` */
  place(request: PlaceRequest): PlacedCall
  /**
   * Dials what was checked, and conducts it by `flow`. What goes wrong stands in the outcome; nothing is thrown. Once
   * `close` was called nobody is dialled any more, and the outcome is `canceled`.
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
  const metrics = createMetrics()
  const tracing = await tracingOf(config, clock)
  const registry = createRegistry(config.TWILIO_ACCOUNT_SID)
  const rest = createTwilioRest(twilioSettings(config, deps.restTimeoutMs), { clock, log })
  const speech = observeSpeech(deps.speech ?? speechProvider(config, clock), metrics.speech)
  const inlineLimit = deps.inlineTwimlLimit
  const telephony = createTelephony(rest, publicUrl, inlineLimit === undefined ? {} : { inlineLimit })
  const split = (text: string) => splitForSpeech(text, config.ASYNC_LANGUAGE)
  const observe = (call: ObservedCall) => (tracing ? bothObservers(metrics.call, tracing.call(call)) : metrics.call)
  const records = deps.records ?? createMemoryRecords()
  const record = (call: LiveCall, facts: RecordFacts) => recordCall(call, facts, { records, clock, log })
  const callDeps: CallDeps = { clock, log, registry, telephony, speech, split, record, observe }
  const loopDelay = deps.loopDelayMs ? undefined : measureLoopDelay()
  const placing: PlacingDeps = {
    ...placingRules(config, {
      records,
      clock,
      speech,
      loopDelayMs: () => deps.loopDelayMs?.() ?? loopDelay?.meanMs ?? 0,
    }),
    callsUnderWay: () => registry.all().length,
    liveCall: (callId) => registry.byCallId(callId),
    dial(request, flow, facts) {
      const call = dial(callDeps, request, facts)
      void conduct(call, flows.get(flow)?.flow ?? notify)
      return call
    },
  }

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
    void record(call, { ...unasked, to: inbound.to, from: inbound.from, flow: 'notify' })
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
  const guard = { authTokens: [config.TWILIO_AUTH_TOKEN], publicUrl, observer: metrics.edge }
  await server.register(formbody)
  await server.register(websocket, { options: { maxPayload: maxMessageLength, perMessageDeflate: false } })
  server.addHook('onRequest', upgradeGuard)
  await server.register(async (webhooks) => {
    webhooks.addHook('preHandler', webhookGuard(guard))
    webhookRoutes(webhooks, { registry, publicUrl, answer, endStray, observer: metrics.edge })
  })
  await server.register(async (media) => {
    media.get(paths.media, { websocket: true, preValidation: handshakeGuard(guard) }, (socket) =>
      serveMediaSocket(socket, { registry, clock, log, observer: metrics.edge }),
    )
  })
  server.get(paths.health, async () => ({ status: 'ok' }))
  metricsRoute(server, { text: () => metrics.text(), contentType: metricsContentType }, config.METRICS_KEY)
  server.setNotFoundHandler(unknownPath)
  await serveApi(server, {
    keys: config.API_KEYS,
    clock,
    records,
    place: (request) => placeCall(request, placing),
    liveCall: placing.liveCall,
    maxBodyBytes: maxBodyBytes + config.MAX_MESSAGE_CHARS * bytesPerChar,
  })

  async function close(): Promise<void> {
    const calls = registry.all()
    for (const call of calls) call.end('cancelled')
    await Promise.all(calls.map((call) => call.outcome))
    await closeServer(server, clock)
    await tracing?.close()
    loopDelay?.stop()
  }

  return {
    server,
    speech,
    records,
    whyNotSpeakable: (text) =>
      whyNotSpeakable(text, {
        capabilities: speech.capabilities,
        language: config.ASYNC_LANGUAGE,
        maxChars: config.MAX_MESSAGE_CHARS,
      }),
    place: (request) => placeCall(request, placing),
    dial(request, flow = notify) {
      const { to, from } = request
      const call = dial(callDeps, request, { ...unasked, to, from, flow: flow.name })
      if (closing) call.end('cancelled')
      void conduct(call, flow)
      return call
    },
    calls: () => registry.all(),
    close: () => (closing ??= close()),
  }
}

function tracingOf(config: Config, clock: Clock): Promise<Tracing> | undefined {
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT
  if (endpoint === undefined) return undefined
  const notInstalled = (packages: string) =>
    new BridgeError(
      'config.invalid',
      `OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed. Run npm install ${packages}, or unset it.`,
    )
  return startTracing(endpoint, { clock, notInstalled })
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
