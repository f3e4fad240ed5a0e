import { Counter, collectDefaultMetrics, Gauge, Registry } from '@prometheus-io/client'
import { createHotHistogram } from './hot-histogram.ts'

/**
 * What is counted and timed, for Prometheus. It knows nothing of calls: what it is told fits the observers of call/,
 * http/, speech/ and hearing/. Labels are words of fixed lists, never numbers, ids, texts or keys. docs/operations.md names all.
 */
export interface Metrics {
  readonly call: {
    state(next: string, previous: string | undefined): void
    firstAudio(afterAnswerMs: number): void
    forwarded(delayMs: number): void
    marked(lagMs: number, aheadMs: number): void
    cleared(delayMs: number): void
    utterance(): void
    ended(outcome: { readonly direction: string; readonly reason: string; readonly status: string }): void
  }
  readonly edge: {
    refused(reason: string): void
    malformedMessage(): void
  }
  readonly speech: {
    failed(provider: string, code: string): void
    cached(provider: string, result: string): void
    connection(provider: string, event: string): void
    failedOver(): void
  }
  readonly hearing: {
    opened(provider: string): void
    closed(provider: string, listenedMs: number): void
    failed(provider: string, code: string): void
  }
  /** All of it in Prometheus' text format. */
  text(): Promise<string>
}

export const metricsContentType = Registry.PROMETHEUS_CONTENT_TYPE

/** What belongs to the process rather than to an app in it: memory, CPU, event loop. Measured once a process. */
let ofProcess: Registry | undefined

function processRegistry(): Registry {
  if (ofProcess) return ofProcess
  ofProcess = new Registry()
  // At its default of 100 ms the summary of the utilization alone takes 2 % of a core.
  collectDefaultMetrics({ register: ofProcess, eventLoopMonitoringPrecision: 20, eventLoopUtilizationTimeout: 1000 })
  return ofProcess
}

export function createMetrics(): Metrics {
  const processMetrics = processRegistry()
  const registers = [new Registry()]
  const calls = new Gauge({
    name: 'callbridge_calls',
    help: 'Calls that are not over, by state.',
    labelNames: ['state'],
    registers,
  })
  for (const state of ['dialling', 'ringing', 'answered', 'streaming']) calls.set({ state }, 0)
  const callsEnded = new Counter({
    name: 'callbridge_calls_ended_total',
    help: 'Calls that are over, by direction, the reason of their end, and what became of the message.',
    labelNames: ['direction', 'reason', 'status'],
    registers,
  })
  const speechErrors = new Counter({
    name: 'callbridge_speech_errors_total',
    help: 'Failed sessions and utterances of speech providers, by provider and error code.',
    labelNames: ['provider', 'code'],
    registers,
  })
  const speechCache = new Counter({
    name: 'callbridge_speech_cache_total',
    help: 'Utterances looked up in the speech cache, by provider and result: hit, shared, miss.',
    labelNames: ['provider', 'result'],
    registers,
  })
  const speechConnections = new Counter({
    name: 'callbridge_speech_connections_total',
    help: 'Connections to speech providers that were made, closed by us, lost, or could not be made.',
    labelNames: ['provider', 'event'],
    registers,
  })
  const speechFailovers = new Counter({
    name: 'callbridge_speech_failovers_total',
    help: 'Utterances that another speech provider took over.',
    registers,
  })
  const hearingNow = new Gauge({
    name: 'callbridge_hearing_listening',
    help: 'Sessions of recognizers that listen now, by provider.',
    labelNames: ['provider'],
    registers,
  })
  const hearingSessions = new Counter({
    name: 'callbridge_hearing_sessions_total',
    help: 'Sessions of recognizers that began to listen, by provider.',
    labelNames: ['provider'],
    registers,
  })
  const hearingErrors = new Counter({
    name: 'callbridge_hearing_errors_total',
    help: 'Sessions of recognizers that failed, before they listened or later, by provider and error code.',
    labelNames: ['provider', 'code'],
    registers,
  })
  const hearingSeconds = new Counter({
    name: 'callbridge_hearing_seconds_total',
    help: 'How long sessions of recognizers listened, counted when they end, by provider.',
    labelNames: ['provider'],
    registers,
  })
  const refusals = new Counter({
    name: 'callbridge_refusals_total',
    help: 'Webhooks, media websockets and API requests that were not let in, by reason.',
    labelNames: ['reason'],
    registers,
  })
  const malformedMessages = new Counter({
    name: 'callbridge_malformed_messages_total',
    help: 'Messages of media streams that could not be read and were left out.',
    registers,
  })
  const answerToFirstAudio = createHotHistogram({
    name: 'callbridge_answer_to_first_audio_seconds',
    help: 'From the answer of a call to its first media frame.',
    boundsMs: [50, 100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000],
  })
  const chunkForwarding = createHotHistogram({
    name: 'callbridge_chunk_forwarding_seconds',
    help: 'From a message of the speech service to the media frame made of it, of every eighth one.',
    boundsMs: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100],
  })
  const audioAhead = createHotHistogram({
    name: 'callbridge_audio_ahead_seconds',
    help: 'Sound that waits at Twilio to be played, at each mark that comes back.',
    boundsMs: [0, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 120_000, 300_000],
  })
  const markLag = createHotHistogram({
    name: 'callbridge_mark_lag_seconds',
    help: 'How much later than its sound should have ended a mark comes back.',
    boundsMs: [10, 25, 50, 100, 200, 300, 500, 1000, 2000, 5000],
  })
  const bargeInToClear = createHotHistogram({
    name: 'callbridge_barge_in_to_clear_seconds',
    help: 'From an interruption to the message that clears the buffer of Twilio.',
    boundsMs: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100],
  })
  const histograms = [answerToFirstAudio, chunkForwarding, audioAhead, markLag, bargeInToClear]

  return {
    call: {
      state(next, previous) {
        if (previous !== undefined) calls.dec({ state: previous })
        if (next !== 'ended') calls.inc({ state: next })
      },
      firstAudio: answerToFirstAudio.observe,
      forwarded: chunkForwarding.observe,
      marked(lagMs, aheadMs) {
        markLag.observe(lagMs)
        audioAhead.observe(aheadMs)
      },
      cleared: bargeInToClear.observe,
      utterance() {},
      ended: ({ direction, reason, status }) => callsEnded.inc({ direction, reason, status }),
    },
    edge: {
      refused: (reason) => refusals.inc({ reason }),
      malformedMessage: () => malformedMessages.inc(),
    },
    speech: {
      cached: (provider, result) => speechCache.inc({ provider, result }),
      failed: (provider, code) => speechErrors.inc({ provider, code }),
      connection: (provider, event) => speechConnections.inc({ provider, event }),
      failedOver: () => speechFailovers.inc(),
    },
    hearing: {
      opened(provider) {
        hearingSessions.inc({ provider })
        hearingNow.inc({ provider })
      },
      closed(provider, listenedMs) {
        hearingNow.dec({ provider })
        hearingSeconds.inc({ provider }, listenedMs / 1000)
      },
      failed: (provider, code) => hearingErrors.inc({ provider, code }),
    },
    async text() {
      const registries = [...registers, processMetrics]
      const counted = await Promise.all(registries.map((registry) => registry.metrics()))
      return [...counted, ...histograms.map((histogram) => histogram.text())].join('')
    },
  }
}
