import type { Context, Span } from '@opentelemetry/api'
import type { NodeTracerConfig } from '@opentelemetry/sdk-trace-node'
import type { Clock } from './clock.ts'

/**
 * Spans of calls, by OpenTelemetry over OTLP/HTTP: one for a call, with children for dialling, ringing and each
 * utterance. What it is told fits the observer of call/. Attributes are ids of ours and Twilio's, words and durations;
 * never numbers of phones, texts or keys.
 */
export interface Tracing {
  call(facts: { readonly callId: string; readonly direction: string }): TracedCall
  /** Exports what is left; gives up after two seconds. */
  close(): Promise<void>
}

export interface TracedCall {
  state(next: string): void
  firstAudio(afterAnswerMs: number): void
  forwarded(): void
  marked(): void
  cleared(): void
  utterance(id: string, change: 'began' | 'heard' | 'interrupted' | 'failed'): void
  ended(outcome: {
    readonly callSid: string | null
    readonly status: string
    readonly reason: string
    readonly heardMs: number
    readonly error: { readonly code: string } | null
  }): void
}

const exportWithinMs = 2_000

/** Whose spans these are. The library that makes such objects is no direct dependency; this is all that is read. */
const resource: NonNullable<NodeTracerConfig['resource']> = {
  attributes: { 'service.name': 'callbridge' },
  merge: () => resource,
  getRawAttributes: () => [['service.name', 'callbridge']],
}

/**
 * Loads OpenTelemetry, which is not among our dependencies: who wants spans installs it.
 *
 * @param endpoint of a collector, such as `http://localhost:4318`
 * @param notInstalled makes the error for packages that are not there
 */
export async function startTracing(
  endpoint: string,
  deps: { readonly clock: Clock; readonly notInstalled: (packages: string) => Error },
): Promise<Tracing> {
  const { api, sdk, otlp } = await load(deps.notInstalled)
  const exporter = new otlp.OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: exportWithinMs,
  })
  const provider = new sdk.NodeTracerProvider({ resource, spanProcessors: [new sdk.BatchSpanProcessor(exporter)] })
  const tracer = provider.getTracer('callbridge')
  const failed = { code: api.SpanStatusCode.ERROR }

  /** As seconds and nanoseconds: the library takes a plain number for the age of the process where it is small. */
  function now(): [number, number] {
    const ms = deps.clock.now()
    return [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)]
  }

  function begin(name: string, context: Context, attributes: Record<string, string> = {}): Span {
    return tracer.startSpan(name, { startTime: now(), attributes }, context)
  }

  return {
    call({ callId, direction }) {
      const attributes = { 'callbridge.call.id': callId, 'callbridge.call.direction': direction }
      const call = begin('call', api.ROOT_CONTEXT, attributes)
      const within = api.trace.setSpan(api.ROOT_CONTEXT, call)
      const utterances = new Map<string, Span>()
      let stage: Span | undefined

      function enter(name: string | undefined): void {
        stage?.end(now())
        stage = name === undefined ? undefined : begin(name, within)
      }

      return {
        state(next) {
          if (next === 'dialling' || next === 'ringing') enter(next)
          else enter(undefined)
          if (next === 'answered' || next === 'streaming') call.addEvent(next, now())
        },
        firstAudio: (afterAnswerMs) =>
          void call.setAttribute('callbridge.answer_to_first_audio_ms', Math.round(afterAnswerMs)),
        forwarded() {},
        marked() {},
        cleared() {},
        utterance(id, change) {
          if (change === 'began') {
            utterances.set(id, begin('speaking', within, { 'callbridge.utterance': id }))
            return
          }
          const speaking = utterances.get(id)
          utterances.delete(id)
          speaking?.setAttribute('callbridge.utterance.end', change)
          if (change === 'failed') speaking?.setStatus(failed)
          speaking?.end(now())
        },
        ended({ callSid, status, reason, heardMs, error }) {
          enter(undefined)
          for (const speaking of utterances.values()) speaking.end(now())
          utterances.clear()
          if (callSid !== null) call.setAttribute('callbridge.call.sid', callSid)
          call.setAttributes({
            'callbridge.call.status': status,
            'callbridge.call.end_reason': reason,
            'callbridge.heard_ms': heardMs,
          })
          if (error) call.setAttribute('error.type', error.code).setStatus(failed)
          call.end(now())
        },
      }
    },
    async close() {
      const giveUp = Promise.withResolvers<void>()
      const timer = deps.clock.after(exportWithinMs, giveUp.resolve)
      await Promise.race([provider.shutdown().catch(() => {}), giveUp.promise])
      timer.cancel()
    },
  }
}

async function load(notInstalled: (packages: string) => Error) {
  try {
    const [api, sdk, otlp] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace-node'),
      import('@opentelemetry/exporter-trace-otlp-http'),
    ])
    return { api, sdk, otlp }
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_MODULE_NOT_FOUND')) throw thrown
    throw notInstalled('@opentelemetry/api @opentelemetry/sdk-trace-node @opentelemetry/exporter-trace-otlp-http')
  }
}
