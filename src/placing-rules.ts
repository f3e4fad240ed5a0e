import { createAllowance } from './call/allowance.ts'
import { countryOfNumber, destination } from './call/destination.ts'
import type { PlacingDeps } from './call/placing.ts'
import type { CallRecords } from './call/records.ts'
import type { Config } from './config.ts'
import { BridgeError } from './errors.ts'
import type { Flows } from './flows/flows.ts'
import type { Clock } from './ops/clock.ts'
import type { SpeechProvider } from './speech/provider.ts'
import { whyNotSpeakable, whyNotVoice } from './speech/speakable.ts'

const hourMs = 3_600_000
/** The event loop is judged over a second; by then it may be well again. */
const overloadRetryMs = 2_000
/** A tunnel that is lost has this long to come back, before another one is opened; a server that stops, to be replaced. */
const closedRetryMs = 10_000
/** Calls of the last hour that are remembered over a restart. */
const seedLimit = 10_000

type Rules = Omit<PlacingDeps, 'callsUnderWay' | 'liveCall' | 'dial'>

/** The settings as the rules by which calls are placed. */
export function placingRules(
  config: Config,
  deps: {
    readonly records: CallRecords
    readonly flows: Flows
    readonly clock: Clock
    readonly speech: SpeechProvider
    readonly loopDelayMs: () => number
    readonly stopping: () => boolean
    /** Whether Twilio can reach us: a phone that is answered meanwhile would stay silent. */
    readonly tunnelUp: () => boolean
  },
): Rules {
  const { records, flows, clock, speech } = deps
  const { capabilities } = speech
  const from = config.TWILIO_FROM_NUMBER
  return {
    records,
    flows,
    now: () => clock.now(),
    allowance: rememberedAllowance(config, records, clock.now()),
    allowedCountries: allowedCountries(config),
    defaults: { from, ringMs: config.RING_TIMEOUT_MS, detectVoicemail: config.MACHINE_DETECTION === 'on' },
    whyNotSpoken: (text) =>
      whyNotSpeakable(text, { capabilities, language: config.ASYNC_LANGUAGE, maxChars: config.MAX_MESSAGE_CHARS }),
    whyNotVoice: (voice) => whyNotVoice(voice, capabilities),
    whyNotNow() {
      if (deps.stopping())
        return notNow('server.draining', 'The server is stopping and takes no new calls. Try another one.')
      if (!deps.tunnelUp()) return notNow('tunnel.lost', 'The tunnel is lost, and another one is not open yet.')
      const delayMs = Math.round(deps.loopDelayMs())
      return delayMs > config.MAX_LOOP_DELAY_MS ? overloaded(delayMs) : undefined
    },
  }
}

/** Checks a number that a call is to be transferred to, by the rules of any call. */
export function destinationRule(config: Config): (to: string) => string {
  return (to) => destination(to, allowedCountries(config))
}

function allowedCountries({ ALLOWED_COUNTRIES, TWILIO_FROM_NUMBER: from }: Config): readonly string[] {
  const home = from === undefined ? undefined : countryOfNumber(from)
  return ALLOWED_COUNTRIES ?? (home === undefined ? [] : [home])
}

/** A restart is no way round the limits: the calls on record of the last hour count. */
function rememberedAllowance(config: Config, records: CallRecords, nowMs: number): PlacingDeps['allowance'] {
  const allowance = createAllowance({
    maxCalls: config.MAX_CALLS,
    perMinute: config.CALLS_PER_MINUTE,
    perNumberPerHour: config.CALLS_PER_NUMBER_PER_HOUR,
  })
  for (const { direction, to, createdAt } of records.list({ limit: seedLimit }).toReversed()) {
    const atMs = Date.parse(createdAt)
    if (direction === 'outbound' && nowMs - atMs < hourMs) allowance.placed(to, atMs)
  }
  return allowance
}

function notNow(code: 'server.draining' | 'tunnel.lost', message: string): BridgeError {
  return new BridgeError(code, `${message} Try again in ${closedRetryMs / 1000} s.`, {
    details: { retryAfterMs: closedRetryMs },
  })
}

function overloaded(delayMs: number): BridgeError {
  return new BridgeError(
    'server.overloaded',
    `The server's event loop is ${delayMs} ms late, so that another call would disturb the ones under way. Try again in ${overloadRetryMs / 1000} s.`,
    { details: { retryAfterMs: overloadRetryMs, delayMs } },
  )
}
