import { appendFileSync, mkdirSync } from 'node:fs'
import { type Logger, pino } from 'pino'
import { buildApp } from '../src/app.ts'
import type { App } from '../src/app-contract.ts'
import type { DialRequest } from '../src/call/dialler.ts'
import type { LiveCall } from '../src/call/live-call.ts'
import type { CallRecords } from '../src/call/records.ts'
import { type Config, readConfig } from '../src/config.ts'
import type { Flow } from '../src/flows/flow.ts'
import type { Recognizer } from '../src/hearing/recognizer.ts'
import { systemClock } from '../src/ops/clock.ts'
import { createLogger } from '../src/ops/logger.ts'
import { type AsyncService, type AsyncServiceOptions, startAsyncService } from '../src/simulator/async/service.ts'
import { createSteppedClock, realClock, type SteppedClock } from '../src/simulator/clock.ts'
import {
  type DeepgramService,
  type DeepgramServiceOptions,
  startDeepgramService,
} from '../src/simulator/deepgram/service.ts'
import {
  type PhoneNetwork,
  type PhoneNetworkOptions,
  startPhoneNetwork,
} from '../src/simulator/phone-network/network.ts'
import type { SpeechEvent, SpeechProvider } from '../src/speech/provider.ts'

/** What must never stand in a log. The log tests look for these, and for every text that was spoken. */
export const secrets = {
  accountSid: 'AC0123456789abcdef0123456789abcdef',
  authToken: '5ec2e70000000000000000000a07470c',
  asyncKey: 'sk_secret_of_the_tests_0123456789',
  deepgramKey: '5ec2e7de00000000000000000000000000000001',
  from: '+15005550006',
} as const

/** Where the log tests look. */
export const logFolder = `${import.meta.dirname}/../.reports/logs`
export const steppedLookMs = 30_000

/** A logger like the server's, at the finest level, into a file that the log tests read. */
function testLog() {
  mkdirSync(logFolder, { recursive: true })
  return createLogger('trace', pino.destination({ dest: `${logFolder}/${process.pid}.log`, sync: true, append: true }))
}

export function rememberSpoken(text: string): void {
  remember('spoken', text)
}

/** Keeps what the log tests look for in the logs of the run. */
function remember(kind: 'spoken' | 'tokens', text: string): void {
  mkdirSync(logFolder, { recursive: true })
  appendFileSync(`${logFolder}/${process.pid}.${kind}`, `${JSON.stringify(text)}\n`)
}

/** The settings that lead to the emulators. */
export function emulatorSettings(
  network: PhoneNetwork,
  async: AsyncService,
  deepgram?: DeepgramService,
): Record<string, string> {
  return {
    TWILIO_ACCOUNT_SID: secrets.accountSid,
    TWILIO_AUTH_TOKEN: secrets.authToken,
    TWILIO_FROM_NUMBER: secrets.from,
    TWILIO_API_URL: network.url,
    ASYNC_API_KEY: secrets.asyncKey,
    ASYNC_VOICE_ID: async.voiceId,
    ASYNC_URL: async.url,
    ...(deepgram === undefined ? {} : { DEEPGRAM_URL: deepgram.url, DEEPGRAM_API_KEY: deepgram.apiKey }),
  }
}

export interface World extends AsyncDisposable {
  readonly clock: SteppedClock
  readonly network: PhoneNetwork
  readonly async: AsyncService
  /** Started when it was asked for. */
  readonly deepgram: DeepgramService | undefined
  readonly app: App
  readonly config: Config
  readonly publicUrl: string
  /** Dials `to` and says `text`. */
  dial(to: string, text: string, more?: Partial<DialRequest>, flow?: Flow): LiveCall
  /** Moves the stepped clock (on the real clock: waits) until `done` settles. */
  until<T>(done: Promise<T>): Promise<T>
}

export interface WorldOptions {
  /** Runs on the machine's time instead of a stepped clock. */
  readonly real?: boolean
  readonly network?: PhoneNetworkOptions
  readonly async?: AsyncServiceOptions
  readonly deepgram?: DeepgramServiceOptions
  readonly settings?: Readonly<Record<string, string>>
  /** Instead of what the settings choose; or made from the clock and the Async emulator of the world. */
  readonly speech?: SpeechProvider | ((clock: SteppedClock, async: AsyncService) => Promise<SpeechProvider>)
  readonly onSpeech?: (event: SpeechEvent, callId: string) => void
  readonly recognizer?: Recognizer
  readonly inlineTwimlLimit?: number
  readonly restTimeoutMs?: number
  /** Default: a file that the log tests read. */
  readonly log?: Logger
  readonly loopDelayMs?: () => number
  readonly records?: CallRecords
  /**
   * How often media sockets are looked at. On a stepped clock seldom, unless given: seconds pass there in less than a
   * millisecond, which real sockets on a busy machine may need to deliver a pong.
   */
  readonly lookEveryMs?: number
}

function speechOf(speech: NonNullable<WorldOptions['speech']>, clock: SteppedClock, async: AsyncService) {
  return typeof speech === 'function' ? speech(clock, async) : speech
}

/** The real app between the emulators, on one clock. To be disposed of (`await using`). */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const stepped = createSteppedClock()
  const simulated = options.real ? realClock : stepped
  const account = { sid: secrets.accountSid, authToken: secrets.authToken, numbers: [secrets.from] }
  const network = await startPhoneNetwork({ clock: simulated, account, ...options.network })
  const async = await startAsyncService({ clock: simulated, apiKey: secrets.asyncKey, ...options.async })
  const deepgram = options.deepgram
    ? await startDeepgramService({ clock: simulated, apiKey: secrets.deepgramKey, ...options.deepgram })
    : undefined
  const config = readConfig('simulate', {
    ...emulatorSettings(network, async, deepgram),
    // Who asks for them gets them: what the service makes, and when, is what most tests look at.
    SPEECH_CACHE: 'off',
    PRESYNTHESIZE: 'off',
    // No folder that others use.
    SPEECH_CACHE_MB: '0',
    ...options.settings,
  })
  let publicUrl = ''
  const app = await buildApp(config, {
    clock: options.real ? systemClock : stepped,
    log: options.log ?? testLog(),
    publicUrl: () => publicUrl,
    // The machine that tests run on may be slow.
    loopDelayMs: options.loopDelayMs ?? (() => 0),
    ...(options.records === undefined ? {} : { records: options.records }),
    ...(options.real ? {} : { lookEveryMs: options.lookEveryMs ?? steppedLookMs }),
    ...(options.speech === undefined ? {} : { speech: await speechOf(options.speech, stepped, async) }),
    ...(options.onSpeech === undefined ? {} : { onSpeech: options.onSpeech }),
    ...(options.recognizer === undefined ? {} : { recognizer: options.recognizer }),
    ...(options.restTimeoutMs === undefined ? {} : { restTimeoutMs: options.restTimeoutMs }),
    ...(options.inlineTwimlLimit === undefined ? {} : { inlineTwimlLimit: options.inlineTwimlLimit }),
  })
  publicUrl = await app.server.listen({ host: '127.0.0.1', port: 0 })
  const until = <T>(done: Promise<T>) => (options.real ? done : stepped.runUntil(done))
  return {
    clock: stepped,
    network,
    async,
    deepgram,
    app,
    config,
    publicUrl,
    until,
    dial(to, text, more = {}, flow) {
      rememberSpoken(text)
      const request: DialRequest = {
        to,
        from: secrets.from,
        parameters: { message: text },
        ringMs: config.RING_TIMEOUT_MS,
        detectVoicemail: false,
        keepAudio: false,
        ...more,
      }
      const call = app.dial(request, flow)
      remember('tokens', call.token)
      return call
    },
    async [Symbol.asyncDispose]() {
      await until(app.close())
      await async.close()
      await deepgram?.close()
      await network.close()
    },
  }
}
