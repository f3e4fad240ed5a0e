import type { App, AppDeps } from './app-contract.ts'
import { createAlerts } from './alerts/alerts.ts'
import { createAnswering } from './answering.ts'
import { askWhenSilent, type CallDeps, dial, type DialRequest } from './call/dialler.ts'
import type { LiveCall } from './call/live-call.ts'
import { bothObservers, type ObservedCall } from './call/observer.ts'
import { placeCall, type PlacingDeps, whyNotPlaced } from './call/placing.ts'
import { recordCall, type RecordFacts } from './call/recorder.ts'
import { recoverCalls } from './call/recovery.ts'
import { createRegistry } from './call/registry.ts'
import { drainCalls } from './call/drain.ts'
import type { Sentences } from './call/script.ts'
import { type Config, isProxied } from './config.ts'
import { conduct } from './flows/conduct.ts'
import type { Flow } from './flows/flow.ts'
import { shippedFlows, textsOf } from './flows/flows.ts'
import { notify } from './flows/notify.ts'
import { tracingOf, twilioSettings } from './from-config.ts'
import { serveApi } from './http/api/api.ts'
import { createEventSeats } from './http/api/event-seats.ts'
import { unknownPath } from './http/api/problem.ts'
import { closeServer } from './http/closing.ts'
import { openDoors } from './http/doors.ts'
import type { GuardSettings } from './http/guard.ts'
import { createMediaSockets } from './http/media-sockets.ts'
import { metricsRoute } from './http/metrics.ts'
import { webhookUrl } from './http/paths.ts'
import type { TurnedAway } from './http/webhooks.ts'
import { createRefusals } from './http/refusals.ts'
import { createServer, maxBodyBytes } from './http/server.ts'
import { createTelephony } from './http/telephony.ts'
import { measureLoopDelay } from './ops/loop-delay.ts'
import { createMetrics, metricsContentType } from './ops/metrics.ts'
import { createReadiness } from './ops/readiness.ts'
import { speechFromConfig } from './speech-from-config.ts'
import { observeHearing } from './hearing/observed.ts'
import { recognizerOf } from './hearing-from-config.ts'
import { destinationRule, placingRules } from './placing-rules.ts'
import { observeEvents, observeFailures } from './speech/observed.ts'
import { whyNotSpeakable } from './speech/speakable.ts'
import { splitForSpeech, streamForSpeech } from './speech/split.ts'
import { createMemoryRecords } from './store/memory-records.ts'
import { createTwilioRest } from './twilio/rest.ts'
import { rejectCall, sayAndHangUp } from './twilio/twiml.ts'

/** How often Twilio is asked after a call whose callbacks may lead nowhere. */
const askEveryMs = 5_000
/** A character of JSON may be written as \u and four digits. */
const bytesPerChar = 6
/** What a record says of a call that no request made. */
const unasked = { idempotencyKey: null, requestDigest: null }

/** Wires the features together. It never listens and never reads the environment. */
export async function buildApp(config: Config, deps: AppDeps): Promise<App> {
  const { clock, log, publicUrl } = deps
  const flows = new Map([...shippedFlows(config.DATA_DIR, () => clock.now()), ...(deps.ownFlows ?? [])])
  const metrics = createMetrics()
  const tracing = await tracingOf(config, clock)
  const registry = createRegistry(config.TWILIO_ACCOUNT_SID)
  const rest = createTwilioRest(twilioSettings(config, deps.restTimeoutMs), { clock, log })
  const speech = deps.speech
    ? observeEvents(observeFailures(deps.speech, metrics.speech), metrics.speech)
    : speechFromConfig(config, { clock, log, observer: metrics.speech })
  const inlineLimit = deps.inlineTwimlLimit
  const telephony = createTelephony(rest, publicUrl, inlineLimit === undefined ? {} : { inlineLimit })
  const sentences: Sentences = {
    split: (text, language = config.ASYNC_LANGUAGE) => splitForSpeech(text, language),
    stream: (language = config.ASYNC_LANGUAGE) => streamForSpeech(language),
  }
  const limits = { maxCallMs: config.MAX_CALL_MS, idleMs: config.IDLE_TIMEOUT_MS }
  const refusals = createRefusals((reason) => metrics.edge.refused(reason))
  const sockets = createMediaSockets(clock, config.MAX_PENDING_SOCKETS)
  const readiness = createReadiness()
  let draining: Promise<void> | undefined
  let closing: Promise<void> | undefined
  const closed = new AbortController()
  const stopping = () => draining !== undefined || closing !== undefined
  const observe = (call: ObservedCall) => (tracing ? bothObservers(metrics.call, tracing.call(call)) : metrics.call)
  const records = deps.records ?? createMemoryRecords()
  const record = (call: LiveCall, facts: RecordFacts) => recordCall(call, facts, { records, clock, log })
  const apology = config.APOLOGY_SENTENCE
  const calling = { registry, telephony, speech, sentences, limits, apology, stopping, record, observe }
  const callDeps: CallDeps = { clock, log, ...calling, destination: destinationRule(config), onSpeech: deps.onSpeech }
  const listener = deps.recognizer ?? recognizerOf(config, clock)
  const dialogues = {
    clock,
    log,
    sensitivity: config.BARGE_IN,
    detectionWaitMs: config.DETECTION_WAIT_MS,
    recognizer: listener && observeHearing(listener, metrics.hearing, { clock }),
  }
  /** What a call will say, as far as it is known before it begins. */
  const known = (flow: Flow, parameters: DialRequest['parameters']) =>
    config.PRESYNTHESIZE === 'on' ? { texts: textsOf(flows, flow, parameters) } : {}
  readiness.add('takes-calls', () => !stopping())
  readiness.add('public-address', () => publicUrl() !== '')
  readiness.add('records', () => records.healthy)
  const loopDelay = deps.loopDelayMs ? undefined : measureLoopDelay()
  const loopDelayMs = () => deps.loopDelayMs?.() ?? loopDelay?.meanMs ?? 0
  const placing: PlacingDeps = {
    ...placingRules(config, {
      records,
      flows,
      clock,
      speech,
      loopDelayMs,
      stopping,
      tunnelUp: () => readiness.holds('tunnel'),
    }),
    callsUnderWay: () => registry.all().length,
    liveCall: (callId) => registry.byCallId(callId),
    dial(request, flow, facts) {
      const conductor = flows.get(flow)?.flow ?? notify
      const call = dial(callDeps, { ...request, ...known(conductor, request.parameters) }, facts)
      void conduct(call, conductor, dialogues)
      return call
    },
  }

  const alerts = createAlerts({
    clock,
    log,
    place: (request) => placeCall(request, placing),
    whyNot: (request) => whyNotPlaced(request, placing),
    atOnce: config.MAX_CALLS,
  })

  const answer = createAnswering(config, {
    calls: callDeps,
    flows,
    known,
    record,
    conduct: (call, flow) => void conduct(call, flow, dialogues),
  })

  /** A call that was given up because Twilio did not answer has turned up after all. */
  function endStray(callSid: string): void {
    log.warn({ callSid }, 'a call that was given up turned up; it is ended')
    telephony.end(callSid).catch(() => log.error({ callSid }, 'the stray call could not be ended'))
  }

  const server = createServer(log)
  const next = config.TWILIO_AUTH_TOKEN_NEXT
  const guard: GuardSettings = {
    authTokens: next === undefined ? [config.TWILIO_AUTH_TOKEN] : [config.TWILIO_AUTH_TOKEN, next],
    publicUrls: () => [publicUrl(), ...(deps.formerUrls?.() ?? [])],
    refusals,
  }
  /** What somebody who calls in gets instead of an answer: a sentence when we stop, a busy line when we are full. */
  function turnAway(): TurnedAway | undefined {
    if (stopping()) return { why: 'draining', twiml: sayAndHangUp(config.DRAIN_SENTENCE, config.ASYNC_LANGUAGE) }
    const full = registry.all().length >= config.MAX_CALLS || loopDelayMs() > config.MAX_LOOP_DELAY_MS
    return full ? { why: 'overloaded', twiml: rejectCall('busy') } : undefined
  }
  const webhooks = {
    registry,
    publicUrl,
    answer,
    endStray,
    turnAway,
    language: config.ASYNC_LANGUAGE,
    malformedMessage: () => metrics.edge.malformedMessage(),
  }
  await openDoors(server, { ...webhooks, guard, sockets, readiness, clock, log, lookEveryMs: deps.lookEveryMs })
  const whoMeasures = { key: config.METRICS_KEY, proxied: isProxied(config) }
  metricsRoute(server, { text: () => metrics.text(), contentType: metricsContentType }, whoMeasures)
  server.setNotFoundHandler(unknownPath)
  await serveApi(server, {
    keys: config.API_KEYS,
    proxied: isProxied(config),
    clock,
    records,
    refusals,
    eventSeats: createEventSeats({ inAll: config.MAX_EVENT_STREAMS, perCaller: config.EVENT_STREAMS_PER_KEY }),
    place: (request) => placeCall(request, placing),
    alerts,
    liveCall: placing.liveCall,
    maxBodyBytes: maxBodyBytes + config.MAX_MESSAGE_CHARS * bytesPerChar,
  })

  async function close(): Promise<void> {
    const calls = registry.all()
    closed.abort()
    alerts.placeNoMore()
    for (const call of calls) call.end('server-stopped')
    await Promise.all(calls.map((call) => call.outcome))
    sockets.closeAll(1001, 'server stopping')
    await closeServer(server, clock)
    await speech.close?.()
    await tracing?.close()
    loopDelay?.stop()
  }

  return {
    server,
    speech,
    records,
    readiness,
    refusals,
    whyNotSpeakable: (text) =>
      whyNotSpeakable(text, {
        capabilities: speech.capabilities,
        language: config.ASYNC_LANGUAGE,
        maxChars: config.MAX_MESSAGE_CHARS,
      }),
    place: (request) => placeCall(request, placing),
    alert: (order, calling) => alerts.begin(order, calling).alert,
    dial(request, flow = notify) {
      const { to, from } = request
      const order = { ...known(flow, request.parameters), ...request }
      const call = dial(callDeps, order, { ...unasked, to, from, flow: flow.name })
      void conduct(call, flow, dialogues)
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
      alerts.placeNoMore()
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
