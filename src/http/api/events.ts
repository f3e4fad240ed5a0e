import type { ServerResponse } from 'node:http'
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import type { LiveCall } from '../../call/live-call.ts'
import type { CallRecords } from '../../call/records.ts'
import { type TimelineEntry, timelineEntry } from '../../call/timeline-entry.ts'
import type { Clock, Timer } from '../../ops/clock.ts'
import { recordOf } from './calls.ts'
import * as schemas from './schemas.ts'

export interface EventRouteDeps {
  readonly records: CallRecords
  readonly liveCall: (callId: string) => LiveCall | undefined
  readonly clock: Clock
}

/** Keeps proxies from closing a quiet stream, and finds out that a reader is gone. */
const heartbeatMs = 15_000
/** What may wait for a slow reader, who is then dropped, and may come back with Last-Event-ID. */
const maxWaitingBytes = 262_144

/** The events of a call as server-sent events: what happened so far, then what happens, until the outcome is known. */
export function eventRoutes({ records, liveCall, clock }: EventRouteDeps): FastifyPluginAsyncTypebox {
  return async (api) => {
    api.get(
      '/calls/:id/events',
      {
        exposeHeadRoute: false,
        schema: {
          summary: 'The events of a call, as server-sent events; 204 when none is left to come',
          params: schemas.callParams,
          headers: schemas.eventsHeaders,
          produces: ['text/event-stream'],
          response: {
            204: Type.Null({ description: 'No event is left to come.' }),
            '4xx': schemas.problem,
            '5xx': schemas.problem,
          },
        },
      },
      async (request, reply) => {
        const record = recordOf(records, request.params.id)
        const call = liveCall(record.callId)
        const after = sequenceOf(request.headers['last-event-id'])
        const past = (call ? call.events.map(timelineEntry) : record.timeline).filter(
          ({ sequence }) => sequence > after,
        )
        // A reader that comes back after the end is told to come no more.
        if (!call && past.length === 0) return reply.code(204).send(null)
        reply.hijack()
        const stream = openStream(reply.raw, clock)
        for (const entry of past) stream.send(entry)
        if (!call) return stream.end()
        const unwatch = call.watch((event) => stream.send(timelineEntry(event)))
        stream.onClose(unwatch)
        void call.outcome.then(() => stream.end())
        return undefined
      },
    )
  }
}

interface EventStream {
  send(entry: TimelineEntry): void
  onClose(listener: () => void): void
  end(): void
}

function openStream(response: ServerResponse, clock: Clock): EventStream {
  let heartbeat: Timer | undefined
  response.on('error', () => {})
  response.on('close', () => heartbeat?.cancel())
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // nginx would hold events back otherwise.
    'x-accel-buffering': 'no',
  })
  response.flushHeaders()
  beat()

  function beat(): void {
    heartbeat = clock.after(heartbeatMs, () => {
      write(': still here\n\n')
      beat()
    })
  }

  function write(text: string): void {
    if (response.destroyed || response.writableEnded) return
    response.write(text)
    if (response.writableLength > maxWaitingBytes) response.destroy()
  }

  return {
    send: (entry) => write(`id: ${entry.sequence}\nevent: ${entry.type}\ndata: ${JSON.stringify(entry)}\n\n`),
    onClose: (listener) => void response.on('close', listener),
    end() {
      heartbeat?.cancel()
      if (!response.destroyed) response.end()
    },
  }
}

/** What is no number of ours begins from the start. */
function sequenceOf(lastEventId: string | undefined): number {
  return lastEventId !== undefined && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : 0
}
