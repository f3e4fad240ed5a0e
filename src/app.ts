import formbody from '@fastify/formbody'
import websocket from '@fastify/websocket'
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Logger } from 'pino'
import { type CallDeps, type DialRequest, dial, registerCall } from './call/dialler.ts'
import type { LiveCall } from './call/live-call.ts'
import { type PlacedCall, placeCall, type PlaceRequest, type PlacingDeps } from './call/placing.ts'
import { recordCall, type RecordFacts } from './call/recorder.ts'
import type { CallRecords } from './call/records.ts'
import { createRegistry } from './call/registry.ts'
import type { Config } from './config.ts'
import { conduct } from './flows/conduct.ts'
import type { Flow } from './flows/flow.ts'
import { flows } from './flows/flows.ts'
import { notify } from './flows/notify.ts'
import { serveApi } from './http/api/api.ts'
import { unknownPath } from './http/api/problem.ts'
import { handshakeGuard, webhookGuard } from './http/guard.ts'
import { serveMediaSocket } from './http/media-socket.ts'
import { paths } from './http/paths.ts'
import { createTelephony } from './http/telephony.ts'
import { webhookRoutes } from './http/webhooks.ts'
import type { Clock } from './ops/clock.ts'
import { measureLoopDelay } from './ops/loop-delay.ts'
import { placingRules } from './placing-rules.ts'
import { createAsyncSpeech } from './speech/async/provider.ts'
import { createLocalSpeech } from './speech/local/provider.ts'
import type { SpeechProvider } from './speech/provider.ts'
import { splitForSpeech } from './speech/split.ts'
import { createMemoryRecords } from './store/memory-records.ts'
import { createTwilioRest } from './twilio/rest.ts'
import type { VoiceWebhook } from './twilio/webhooks.ts'

/** The largest frame Twilio has reason to send is well below 1 kB. */
const maxFrameBytes = 65_536
/** A webhook of Twilio's has some thirty short fields. */
const maxBodyBytes = 65_536
/** How long a request that is being answered may take when the server stops. */
const closeWithinMs = 2_000
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
  readonly speech: SpeechProvider
  readonly records: CallRecords
  /** Checks a request, records it and dials. @throws BridgeError as `placeCall` */
  place(request: PlaceRequest): PlacedCall
  /** Dials what was checked, and conducts it by `flow`. What goes wrong stands in the outcome; nothing is thrown. */
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
  const speech = deps.speech ?? speechProvider(config, { clock, log })
  const inlineLimit = deps.inlineTwimlLimit
  const telephony = createTelephony(rest, publicUrl, inlineLimit === undefined ? {} : { inlineLimit })
  const split = (text: string) => splitForSpeech(text, config.ASYNC_LANGUAGE)
  const records = deps.records ?? createMemoryRecords()
  const record = (call: LiveCall, facts: RecordFacts) => recordCall(call, facts, { records, clock, log })
  const callDeps: CallDeps = { clock, log, registry, telephony, speech, split, record }
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

  function answer(inbound: VoiceWebhook): LiveCall {
    const call = registerCall(callDeps, {
      direction: 'inbound',
      to: inbound.to,
      from: inbound.from,
      parameters: { message: config.GREETING },
      keepAudio: false,
    })
    call.placed(inbound.callSid)
    // Our TwiML is what picks up.
    call.status('in-progress')
    void record(call, { ...unasked, to: inbound.to, from: inbound.from, flow: 'notify' })
    void conduct(call, notify)
    return call
  }

  const loggerInstance: FastifyBaseLogger = log
  const logController = new LogController({ disableRequestLogging: true })
  /** A call that was given up because Twilio did not answer has turned up after all. */
  function endStray(callSid: string): void {
    log.warn({ callSid }, 'a call that was given up turned up; it is ended')
    telephony.end(callSid).catch(() => log.error({ callSid }, 'the stray call could not be ended'))
  }

  const server = fastify({ loggerInstance, logController, bodyLimit: maxBodyBytes })
  const guard = { authTokens: [config.TWILIO_AUTH_TOKEN], publicUrl }
  await server.register(formbody)
  await server.register(websocket, { options: { maxPayload: maxFrameBytes, perMessageDeflate: false } })
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
  server.setNotFoundHandler(unknownPath)
  await serveApi(server, {
    keys: config.API_KEYS,
    clock,
    records,
    place: (request) => placeCall(request, placing),
    liveCall: placing.liveCall,
    maxBodyBytes: maxBodyBytes + config.MAX_MESSAGE_CHARS * bytesPerChar,
  })

  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    const calls = registry.all()
    for (const call of calls) call.end('cancelled')
    await Promise.all(calls.map((call) => call.outcome))
    // A connection that was opened and never used does not count as idle, and would keep the server open for a minute.
    const cutOff = clock.after(closeWithinMs, () => server.server.closeAllConnections())
    await server.close()
    cutOff.cancel()
    loopDelay?.stop()
  }

  return {
    server,
    speech,
    records,
    place: (request) => placeCall(request, placing),
    dial(request, flow = notify) {
      const { to, from } = request
      const call = dial(callDeps, request, { ...unasked, to, from, flow: flow.name })
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

function speechProvider(config: Config, deps: { readonly clock: Clock; readonly log: Logger }): SpeechProvider {
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
    deps,
  )
}
