import { inspect } from 'node:util'
import { buildApp } from '../app.ts'
import type { LiveCall } from '../call/live-call.ts'
import type { Outcome } from '../call/outcome.ts'
import { readConfig } from '../config.ts'
import type { Flow } from '../flows/flow.ts'
import { webhookUrl } from '../http/paths.ts'
import { createLogger } from '../ops/logger.ts'
import { startAsyncService } from './async/service.ts'
import { createSteppedClock } from './clock.ts'
import { startDeepgramService } from './deepgram/service.ts'
import { startPhoneNetwork } from './phone-network/network.ts'
import type { PhoneScript } from './phone-network/phone/script.ts'
import { holdBriefly, wait } from './waiting.ts'
import { createPump } from './test-phone/pump.ts'
import { createPerson } from './test-phone/person.ts'
import { createTestPhone, type TestPhone, type WatchedPhone } from './test-phone/test-phone.ts'
import { watchBusiness } from './test-phone/watched-flow.ts'

export type { TestPhone } from './test-phone/test-phone.ts'

export interface TestCallOptions {
  /** What the flow finds in `call.parameters`. */
  readonly parameters?: Readonly<Record<string, string>>
  /** `outbound`, the default: we call the phone. `inbound`: the phone calls us. */
  readonly direction?: 'outbound' | 'inbound'
  /** Who or what answers; default: a person, after a second. An inbound call has no use for it. */
  readonly answer?: PhoneScript['answer']
  /** Other phones, by their numbers in E.164, and who or what answers there: for flows that transfer. */
  readonly phones?: Readonly<Record<string, NonNullable<PhoneScript['answer']>>>
  /** Settings of the server, as in `.env`, such as `{ MAX_CALL_MS: '60000' }`. */
  readonly settings?: Readonly<Record<string, string>>
}

const ourNumber = '+15005550006'
const theirNumber = '+15551234567'
/** Longer than anything a flow does after a call; it passes at once unless the flow does something. */
const afterwardsMs = 60_000
/** How long a busy machine may need for a request, in real time. */
const patienceMs = 30_000

/**
 * Plays a flow through: the real server between a simulated phone network and a simulated voice, on a clock that jumps
 * from event to event. Resolves when the flow can speak, or the call is over. To be closed: `await using`.
 */
export async function testCall(flow: Flow, options: TestCallOptions = {}): Promise<TestPhone<Outcome>> {
  const clock = createSteppedClock({ closedWorld: true })
  const pump = createPump(clock)
  const account = { sid: `AC${'0'.repeat(32)}`, authToken: 'token of a test', numbers: [ourNumber] }
  const network = await startPhoneNetwork({ clock, account, behaviour: { holdMs: patienceMs } })
  // All of a text at once: whatever was sent of it is all of it.
  const service = await startAsyncService({
    clock,
    behaviour: { chunks: { kind: 'fixed', ms: 500 }, deliveryRate: Number.POSITIVE_INFINITY },
  })
  // A flow that listens connects to it; for one that does not, it is a port that nobody asks for.
  const deepgram = await startDeepgramService({ clock })
  /** Which of them the settings choose; the others are as silent as if they were not there. */
  const ears = [deepgram.listening, deepgram.turns, service.listening]
  const config = readConfig('simulate', {
    TWILIO_ACCOUNT_SID: account.sid,
    TWILIO_AUTH_TOKEN: account.authToken,
    TWILIO_FROM_NUMBER: ourNumber,
    TWILIO_API_URL: network.url,
    ASYNC_API_KEY: service.apiKey,
    ASYNC_VOICE_ID: service.voiceId,
    ASYNC_URL: service.url,
    DEEPGRAM_API_KEY: deepgram.apiKey,
    DEEPGRAM_URL: deepgram.url,
    SPEECH_CACHE: 'off',
    SPEECH_CACHE_MB: '0',
    PRESYNTHESIZE: 'off',
    FLOWS: '*=tested',
    ...options.settings,
  })

  const flowOver = Promise.withResolvers<void>()
  let thrown: unknown
  let watched: WatchedPhone<Outcome> | undefined
  /** The flow itself, watched: for what it throws, and for what it waits for. */
  const tested: Flow = async (call) => {
    const given = { ...call, parameters: { ...call.parameters, ...options.parameters } }
    const business = watchBusiness(clock, given, (words) => watched?.note(words))
    try {
      await flow(business.call)
    } catch (error) {
      if (!call.signal.aborted) thrown = error
      throw error
    } finally {
      business.done()
      flowOver.resolve()
    }
  }

  let publicUrl = ''
  const app = await buildApp(config, {
    clock,
    log: createLogger('silent'),
    publicUrl: () => publicUrl,
    loopDelayMs: () => 0,
    restTimeoutMs: patienceMs,
    // Seconds pass in less than a real millisecond, which a pong may need.
    lookEveryMs: afterwardsMs,
    ownFlows: new Map([['tested', { flow: tested, spoken: [] }]]),
  })
  publicUrl = await app.server.listen({ host: '127.0.0.1', port: 0 })

  const closing = new AbortController()

  async function close(): Promise<void> {
    closing.abort()
    await pump.until(app.close())
    await service.close()
    await deepgram.close()
    await network.close()
  }

  async function begin(): Promise<{ readonly call: LiveCall; readonly phone: ReturnType<typeof network.phone> }> {
    if (options.direction === 'inbound') {
      const phone = network.dialIn({ from: theirNumber, voiceUrl: webhookUrl(publicUrl, 'voice') })
      for (;;) {
        const [call] = app.calls()
        if (call) return { call, phone }
        await clock.advance(10)
      }
    }
    const phone = network.phone(theirNumber, options.answer === undefined ? {} : { answer: options.answer })
    const request = { to: theirNumber, from: ourNumber, parameters: options.parameters ?? {} }
    const call = app.dial(
      {
        ...request,
        ringMs: config.RING_TIMEOUT_MS,
        detectVoicemail: config.MACHINE_DETECTION === 'on',
        keepAudio: false,
      },
      tested,
    )
    // Until the request is at the network, nothing tells the clock that it is under way.
    const release = holdBriefly(clock, patienceMs)
    call.watch(({ type }) => {
      if (type === 'queued' || type === 'ended') release()
    })
    return { call, phone }
  }

  try {
    const startMs = clock.now()
    for (const [number, answer] of Object.entries(options.phones ?? {})) network.phone(number, { answer })
    const { call, phone } = await begin()
    // A call that was refused never came to the phone.
    const ended = call.outcome.then(() => (call.callSid === undefined ? undefined : phone.ended))
    const outcome = ended.then(async () => {
      if (call.streamed) await Promise.race([flowOver.promise, wait(clock, afterwardsMs, closing.signal)])
      return call.outcome
    })
    watched = createTestPhone<Outcome>({
      clock,
      pump,
      phone,
      startMs,
      ended,
      outcome,
      over: () => call.signal.aborted,
      spoken: () => service.spoken,
      person: createPerson(clock, closing.signal, ears, (sound) => phone.speak(sound)),
      faults: () => [
        ...network.faults.map(({ code, message }) => `${code} ${message}`),
        ...service.faults.map(({ code, detail }) => `${code} ${detail}`),
        ...ears.flatMap(({ faults }) => faults.map(({ code, detail }) => `${code} ${detail}`)),
      ],
      whyOver: () => whyOver(call, thrown),
      ends: () => call.events.filter(({ type }) => type === 'ended').length,
      close,
    })
    await pump.until(call.streaming.catch(() => {}))
    return watched
  } catch (error) {
    await close()
    throw error
  }
}

/** Why a call is over, with what its flow threw and where. */
function whyOver(call: LiveCall, thrown: unknown): string {
  const end = call.events.findLast((event) => event.type === 'ended')
  const reason = end?.type === 'ended' ? end.reason : 'not over'
  return thrown === undefined ? reason : `${reason}; the flow threw ${inspect(thrown)}`
}
