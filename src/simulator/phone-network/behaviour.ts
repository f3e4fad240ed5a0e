import type { AnsweredBy } from './answering-machine.ts'
import type { RestAnswer, RestRequest } from './rest/answer.ts'

/** One status callback that is about to be sent. */
export interface PendingCallback {
  readonly callSid: string
  readonly callStatus: string
  readonly sequenceNumber: number
}

/**
 * The switches of the network. Defaults are Twilio's usual behaviour; limits that would only slow a test down
 * (calls per second, concurrent calls) are off. All may be changed at any time, and hold from the next event on.
 */
export interface NetworkBehaviour {
  /** A trial account: `<Stream>` and its like are stripped, only verified numbers are called, ten minutes a call. */
  trial: boolean
  /** Numbers a trial account may call; for every account also caller IDs it may show. */
  verifiedNumbers: readonly string[]
  /** Country prefixes that may be called, such as `+1`; any other number is refused with 21215. */
  geoPermissions: 'all' | readonly string[]
  /** Numbers (or prefixes) that are refused with 21216. */
  blockedNumbers: readonly string[]
  /** Numbers (or prefixes) that are refused with 21214: they cannot be reached. */
  unreachableNumbers: readonly string[]
  /** Calls dialled per second; the rest wait with status `queued`. */
  callsPerSecond: number
  /** Work that waits longer than this, at that rate, is refused with 22005; a call that has waited so long is cancelled. */
  queueLimitMs: number
  /** Calls that may be alive at once; one more is refused with 10004. */
  concurrentCalls: number
  /** What a REST request meets. */
  rest: RestAnswer | ((request: RestRequest) => RestAnswer)
  /** A call appears in lists only after this long: reads are eventually consistent. */
  listLagMs: number
  /** A call that ended longer ago than this is answered with 20404. */
  forgetCallsAfterMs: number

  /** From dialling to ringing. */
  postDialDelayMs: number
  /** What a number does at which no phone was registered. */
  unregisteredNumbers: 'no-answer' | 'unreachable'
  statusCallbackOrder: 'in-order' | 'reversed'
  /** How many times each status callback is sent. */
  statusCallbackCopies: number
  statusCallbackLoss: 'none' | 'all' | 'terminal' | ((callback: PendingCallback) => boolean)
  statusCallbackDelayMs: number | ((callback: PendingCallback) => number)
  stirStatus: 'A' | 'B' | 'C'
  /** The verdict of answering machine detection; `by-phone` looks at what the phone is. */
  amdVerdict: AnsweredBy | 'by-phone'
  /** From answer to verdict; a voicemail's end of greeting may come later. */
  amdDelayMs: number

  /** Twilio waits 15 s for the answer to a webhook, and 5 s for the connection. */
  webhookTimeoutMs: number
  webhookConnectMs: number
  webhookSignature: 'correct' | 'wrong' | 'missing'
  /** Real milliseconds for which a request under way holds a stepped clock; then simulated time goes on. */
  holdMs: number

  sayMsPerCharacter: number
  /** How long a `<Play>` of any URL takes: nothing is fetched. */
  playMs: number
  /** Between two digits of one `press`. */
  digitGapMs: number

  streamOpening: 'normal' | 'never' | 'twice'
  streamSignature: 'correct' | 'trailing-slash' | 'wrong' | 'missing'
  /** How long the media socket's handshake may take before 31901. */
  streamConnectMs: number
  /** `connected.version`; "0.2.0" in 2019. */
  connectedVersion: string
  /** Between `connected` and `start`. */
  startDelayMs: number
  customParameters: 'as-given' | 'empty' | 'absent'
  mediaFormat: 'given' | 'absent' | 'null'
  /** Adds fields nobody knows to every message. */
  extraFields: boolean
  keyOrder: 'documented' | 'reversed'
  silence: 'ff' | '7f' | 'mixed'
  /** The first media timestamp; live streams start between 57 and 171 ms. */
  firstTimestampMs: 'random' | number
  /** Timestamps leave the 20 ms grid, as seen live: 1,438 ms where 1,440 had passed. */
  timestampDrift: boolean
  /** Share of inbound frames that never arrive, 0 to 1. */
  lostFrames: number
  /** On a stepped clock, frames that became due are sent in batches at least this often. */
  maxStepMs: number
  /** The same while the phone speaks. */
  maxSpeechStepMs: number
  /** Audio beyond this is discarded with 31931. */
  bufferLimitMs: number
  /** Unread bytes to the server beyond which caller audio is discarded with 31930. */
  upstreamLimitBytes: number
  /** The network reads nothing from the media socket. */
  pauseReading: boolean
  /** Whether websocket pings are answered; not documented. */
  answerPings: boolean
  /** What a malformed message leads to: the 2023 text ignores it (31951), the 2026 text allows an end (31924). */
  malformedMessages: 'ignored' | 'closed'
  /** The TCP connection of a media stream breaks this long after its start. */
  loseStreamAfterMs: number
  /** From then on nothing is read and nothing sent, and the TCP connection stays as it is. */
  freezeStreamAfterMs: number
  /** What follows a stream that failed or broke is not documented. */
  afterStreamFailure: 'continue' | 'hang-up'
  /** Whether `stop` is sent when a call ends, and whether the socket is closed. */
  sendStop: boolean
  closeAfterStop: boolean
}

export function defaultBehaviour(): NetworkBehaviour {
  return {
    trial: false,
    verifiedNumbers: [],
    geoPermissions: 'all',
    blockedNumbers: [],
    unreachableNumbers: [],
    callsPerSecond: Number.POSITIVE_INFINITY,
    queueLimitMs: 86_400_000,
    concurrentCalls: Number.POSITIVE_INFINITY,
    rest: { kind: 'normal' },
    listLagMs: 0,
    forgetCallsAfterMs: Number.POSITIVE_INFINITY,
    postDialDelayMs: 300,
    unregisteredNumbers: 'no-answer',
    statusCallbackOrder: 'in-order',
    statusCallbackCopies: 1,
    statusCallbackLoss: 'none',
    statusCallbackDelayMs: 0,
    stirStatus: 'B',
    amdVerdict: 'by-phone',
    amdDelayMs: 4000,
    webhookTimeoutMs: 15_000,
    webhookConnectMs: 5000,
    webhookSignature: 'correct',
    holdMs: 500,
    sayMsPerCharacter: 60,
    playMs: 3000,
    digitGapMs: 100,
    streamOpening: 'normal',
    streamSignature: 'correct',
    streamConnectMs: 5000,
    connectedVersion: '1.0.0',
    startDelayMs: 0,
    customParameters: 'as-given',
    mediaFormat: 'given',
    extraFields: false,
    keyOrder: 'documented',
    silence: 'ff',
    firstTimestampMs: 'random',
    timestampDrift: false,
    lostFrames: 0,
    maxStepMs: 1000,
    maxSpeechStepMs: 100,
    bufferLimitMs: 600_000,
    upstreamLimitBytes: 1_048_576,
    pauseReading: false,
    answerPings: true,
    malformedMessages: 'ignored',
    loseStreamAfterMs: Number.POSITIVE_INFINITY,
    freezeStreamAfterMs: Number.POSITIVE_INFINITY,
    afterStreamFailure: 'continue',
    sendStop: true,
    closeAfterStop: true,
  }
}
