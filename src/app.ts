import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Logger } from 'pino'
import { askWhenSilent, type CallDeps, type DialRequest, dial, registerCall } from './call/dialler.ts'
import type { LiveCall } from './call/live-call.ts'
import type { CallRecords } from './call/records.ts'
import { type Recovery, recoverCalls } from './call/recovery.ts'
import { createRegistry } from './call/registry.ts'
import { drainCalls } from './call/drain.ts'
import type { Config } from './config.ts'
import { conduct } from './flows/conduct.ts'
import type { Flow } from './flows/flow.ts'
import { notify } from './flows/notify.ts'
import { openDoors } from './http/doors.ts'
import type { GuardSettings } from './http/guard.ts'
import { createMediaSockets } from './http/media-sockets.ts'
import { createRefusals, type Refusals } from './http/refusals.ts'
import { webhookUrl } from './http/paths.ts'
import { createTelephony } from './http/telephony.ts'
import type { Clock } from './ops/clock.ts'
import { createReadiness, type Readiness } from './ops/readiness.ts'
import { createAsyncSpeech } from './speech/async/provider.ts'
import { createLocalSpeech } from './speech/local/provider.ts'
import type { SpeechProvider } from './speech/provider.ts'
import { splitForSpeech } from './speech/split.ts'
import { createTwilioRest } from './twilio/rest.ts'
import { sayAndHangUp } from './twilio/twiml.ts'
import type { VoiceWebhook } from './twilio/webhooks.ts'

/** A webhook of Twilio's has some thirty short fields. */
const maxBodyBytes = 65_536
/** How often Twilio is asked after a call whose callbacks may lead nowhere. */
const askEveryMs = 5_000
/** Who has not sent the head of a request by then, or all of it, is cut off. */
const timeouts = { requestTimeout: 20_000, http: { headersTimeout: 10_000, connectionsCheckingInterval: 5_000 } }

export interface AppDeps {
  readonly clock: Clock
  readonly log: Logger
  /** The address Twilio reaches us at. Asked for at each use: a tunnel opens after the server listens. */
  readonly publicUrl: () => string
  /** Addresses it had before, which calls under way were created with: Twilio signs with those. */
  readonly formerUrls?: () => readonly string[]
  /** A speech provider to use instead of the configured one. */
  readonly speech?: SpeechProvider
  /** TwiML longer than this is served by URL. Default: Twilio's own limit. */
  readonly inlineTwimlLimit?: number
  /** How long Twilio may take to answer a REST request, in the machine's own time. Default: 10 s. */
  readonly restTimeoutMs?: number
  /** How often a media socket is looked at. Default: every 2 s. */
  readonly lookEveryMs?: number
}

export interface App {
  readonly server: FastifyInstance
  readonly speech: SpeechProvider
  /** What `/readyz` looks at. */
  readonly readiness: Readiness
  /** Who was not let in, by reason. */
  readonly refusals: Refusals
  /**
   * Dials and conducts the call by `flow`. What goes wrong stands in the outcome.
   *
   * @throws BridgeError `server.draining` after `drain` or `close` was called, and nothing else
   */
  dial(request: DialRequest, flow?: Flow): LiveCall
  /** Settles the calls that an earlier process, now dead, left unfinished. To be called once, at the start. Never rejects. */
  recover(records: Pick<CallRecords, 'unfinished' | 'save'>): Promise<Recovery>
  /**
   * Points the voice webhook of `TWILIO_FROM_NUMBER` at our public address.
   * @throws BridgeError `config.invalid`, `twilio.rejected`, `twilio.unreachable`
   */
  configureNumber(): Promise<void>
  /** The public address is another one: calls that still ring under the former may not be heard of again, so Twilio is asked. */
  addressChanged(): void
  /** The calls that are not over. */
  calls(): readonly LiveCall[]
  /**
   * Takes no new calls, lets the running ones finish within `DRAIN_TIMEOUT_MS`, and says `DRAIN_SENTENCE` in those that
   * do not. Resolves when none is left. Idempotent.
   */
  drain(): Promise<void>
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
  const limits = { maxCallMs: config.MAX_CALL_MS, idleMs: config.IDLE_TIMEOUT_MS }
  const refusals = createRefusals()
  const sockets = createMediaSockets(clock, config.MAX_PENDING_SOCKETS)
  const readiness = createReadiness()
  let draining: Promise<void> | undefined
  let closing: Promise<void> | undefined
  const closed = new AbortController()
  const stopping = () => draining !== undefined || closing !== undefined
  const callDeps: CallDeps = { clock, log, registry, telephony, speech, split, limits, stopping }
  readiness.add('takes-calls', () => !stopping())
  readiness.add('public-address', () => publicUrl() !== '')

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

  const server = fastify({ loggerInstance, logController, bodyLimit: maxBodyBytes, ...timeouts })
  const next = config.TWILIO_AUTH_TOKEN_NEXT
  const guard: GuardSettings = {
    authTokens: next === undefined ? [config.TWILIO_AUTH_TOKEN] : [config.TWILIO_AUTH_TOKEN, next],
    publicUrls: () => [publicUrl(), ...(deps.formerUrls?.() ?? [])],
    refusals,
  }
  const turnAway = () => (stopping() ? sayAndHangUp(config.DRAIN_SENTENCE, config.ASYNC_LANGUAGE) : undefined)
  const webhooks = { registry, publicUrl, answer, endStray, turnAway }
  await openDoors(server, { ...webhooks, guard, sockets, readiness, clock, log, lookEveryMs: deps.lookEveryMs })

  async function close(): Promise<void> {
    const calls = registry.all()
    closed.abort()
    for (const call of calls) call.end('server-stopped')
    await Promise.all(calls.map((call) => call.outcome))
    sockets.closeAll(1001, 'server stopping')
    await server.close()
  }

  return {
    server,
    speech,
    readiness,
    refusals,
    dial(request, flow = notify) {
      const call = dial(callDeps, request)
      void conduct(call, flow)
      return call
    },
    recover: (records) =>
      recoverCalls({
        clock,
        log,
        records,
        telephony,
        isLive: (callSid) => registry.byCallSid(callSid) !== undefined,
        signal: closed.signal,
      }),
    configureNumber: () => rest.pointNumber(config.TWILIO_FROM_NUMBER ?? '', webhookUrl(publicUrl(), 'voice')),
    addressChanged() {
      for (const call of registry.all()) if (!call.streamed) askWhenSilent(callDeps, call, askEveryMs)
    },
    calls: () => registry.all(),
    drain() {
      draining ??= drainCalls(() => registry.all(), {
        clock,
        log,
        timeoutMs: config.DRAIN_TIMEOUT_MS,
        sentence: config.DRAIN_SENTENCE,
      })
      return draining
    },
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
