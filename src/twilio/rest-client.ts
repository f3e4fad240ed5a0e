import type Twilio from 'twilio/lib/rest/Twilio.js'
import type { CallListInstanceCreateOptions } from 'twilio/lib/rest/api/v2010/account/call.js'
import { BridgeError } from '../errors.ts'
import { parseAnsweredBy, type AnsweredBy } from './answered-by.ts'
import { isAccountSid, isCallSid } from './sids.ts'
import { isCallStatus, type CallStatus } from './statuses.ts'
import { isLoopback } from './stream-url.ts'

export interface TwilioRestSettings {
  accountSid: string
  authToken: string
  /** An API key and its secret log in instead of the token, which then only checks signatures. */
  apiKey?: string | undefined
  apiSecret?: string | undefined
  /** Both or neither: a region alone leads to a host that is gone since April 2026. */
  region?: string | undefined
  edge?: string | undefined
  apiUrl: string
  /** How long Twilio may take to answer a request; 10 s unless given, and at most 4 s for reads. */
  timeoutMs?: number | undefined
}

/** A call as the API tells it (Twilio docs, Call resource). Reads lag behind: no source of a call's live state. */
export interface CallRecord {
  callSid: string
  status: CallStatus
  to: string
  from: string
  /** Whole seconds; undefined while Twilio has not set it. */
  createdAtMs: number | undefined
  answeredBy: AnsweredBy | undefined
  durationS: number | undefined
}

/** The four requests we make. Each throws what the official client throws, to be read by `classifyFailure`. */
export interface RestClient {
  create(parameters: CallListInstanceCreateOptions): Promise<CallRecord>
  complete(callSid: string): Promise<void>
  fetch(callSid: string): Promise<CallRecord>
  /** The newest calls between two numbers, and Twilio's own time where it is Twilio that answers. */
  newest(to: string, from: string): Promise<{ calls: readonly CallRecord[]; nowMs: number | undefined }>
}

const defaultApiUrl = 'https://api.twilio.com'

const writeTimeoutMs = 10_000
const maxReadTimeoutMs = 4_000
const maxRetriesAt429 = 3

/** @throws BridgeError `config.invalid` */
export function createRestClient(settings: TwilioRestSettings): RestClient {
  const apiUrl = checkSettings(settings)
  const isTwilio = apiUrl === defaultApiUrl
  const timeoutMs = settings.timeoutMs ?? writeTimeoutMs
  const writes = lazy(() => loadClient(settings, apiUrl, timeoutMs))
  const reads = lazy(() => loadClient(settings, apiUrl, Math.min(timeoutMs, maxReadTimeoutMs)))
  return {
    async create(parameters) {
      const client = await writes()
      return readRecord(await client.calls.create(parameters))
    },
    async complete(callSid) {
      const client = await writes()
      await client.calls(callSid).update({ status: 'completed' })
    },
    async fetch(callSid) {
      const client = await reads()
      return readRecord(await client.calls(callSid).fetch())
    },
    async newest(to, from) {
      const client = await reads()
      const { body, headers } = await client.calls.pageWithHttpInfo({ to, from, pageSize: 20 })
      const nowMs = isTwilio ? Date.parse(headers['date'] ?? '') : Number.NaN
      return { calls: body.instances.map(readRecord), nowMs: Number.isNaN(nowMs) ? undefined : nowMs }
    },
  }
}

/** The official client for other reads than those above. @throws BridgeError `config.invalid` */
export function openClient(settings: TwilioRestSettings): Promise<Twilio> {
  return loadClient(settings, checkSettings(settings), settings.timeoutMs ?? writeTimeoutMs)
}

/** The official client, loaded at the first request: it takes longer to load than all the rest of us. */
async function loadClient(settings: TwilioRestSettings, apiUrl: string, timeoutMs: number): Promise<Twilio> {
  const { default: TwilioClient } = await import('twilio/lib/rest/Twilio.js')
  const { accountSid, authToken, apiKey, apiSecret } = settings
  const login = isSet(apiKey) && isSet(apiSecret) ? ([apiKey, apiSecret] as const) : ([accountSid, authToken] as const)
  const client = new TwilioClient(...login, {
    accountSid,
    timeout: timeoutMs,
    autoRetry: true,
    maxRetries: maxRetriesAt429,
    // Empty rather than left out: the client would take them from the environment.
    region: settings.region ?? '',
    edge: settings.edge ?? '',
  })
  if (apiUrl !== defaultApiUrl) {
    client.api.baseUrl = apiUrl
    client.voice.baseUrl = apiUrl
    // The client takes any host for one of Twilio's, and makes `twilio.example` into `twilio.example.twilio.example`.
    client.getHostname = (hostname: string) => hostname
  }
  try {
    void client.httpClient
  } catch {
    // Made only now because a failure later would look as if the request had been sent.
    throw invalid('TWILIO_CA_BUNDLE must name a readable file, and HTTP_PROXY a URL.')
  }
  return client
}

/** @returns the API's base URL without a slash at its end */
function checkSettings(settings: TwilioRestSettings): string {
  const { accountSid, authToken, apiKey, apiSecret, region, edge } = settings
  if (!isAccountSid(accountSid)) throw invalid('TWILIO_ACCOUNT_SID must be AC and 32 hexadecimal digits.')
  if (authToken === '') throw invalid('TWILIO_AUTH_TOKEN is empty.')
  if (isSet(apiKey) !== isSet(apiSecret))
    throw invalid('TWILIO_API_KEY and TWILIO_API_SECRET are set together or not at all.')
  if (isSet(region) !== isSet(edge))
    throw invalid('TWILIO_REGION and TWILIO_EDGE are set together or not at all, for example ie1 and dublin.')
  const url = URL.canParse(settings.apiUrl) ? new URL(settings.apiUrl) : undefined
  if (url === undefined || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))))
    throw invalid('TWILIO_API_URL must begin with https://; http:// is for an emulator on this machine.')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw invalid('TWILIO_API_URL must be no more than scheme, host and port.')
  const apiUrl = url.origin + url.pathname.replace(/\/+$/, '')
  if (apiUrl !== defaultApiUrl && isSet(region))
    throw invalid(
      `TWILIO_REGION and TWILIO_EDGE choose a host of Twilio's; with TWILIO_API_URL there is none to choose.`,
    )
  return apiUrl
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== ''
}

function invalid(problem: string): BridgeError {
  return new BridgeError('config.invalid', problem)
}

function readRecord(call: {
  sid: unknown
  status: unknown
  to: unknown
  from: unknown
  dateCreated: unknown
  answeredBy: unknown
  duration: unknown
}): CallRecord {
  const { sid, status, to, from, dateCreated, duration } = call
  // Thrown as something that is no API error, and so read as an answer that cannot be trusted.
  if (!isCallSid(sid) || !isCallStatus(status)) throw new TypeError('not a call')
  const createdAtMs = dateCreated instanceof Date ? dateCreated.getTime() : Number.NaN
  return {
    callSid: sid,
    status,
    to: typeof to === 'string' ? to : '',
    from: typeof from === 'string' ? from : '',
    createdAtMs: Number.isNaN(createdAtMs) ? undefined : createdAtMs,
    answeredBy: parseAnsweredBy(call.answeredBy),
    durationS: typeof duration === 'string' && /^\d{1,9}$/.test(duration) ? Number(duration) : undefined,
  }
}

function lazy<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
