import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import type { LiveCall } from '../../call/live-call.ts'
import type { CallRecords } from '../../call/records.ts'
import { timelineEntry } from '../../call/timeline-entry.ts'
import { BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import type { Refusals } from '../refusals.ts'
import { recordOf } from './calls.ts'
import type { EventSeats } from './event-seats.ts'
import { type EventStream, openEventStream } from './event-stream.ts'
import { callerOf } from './guard.ts'
import { sendProblem } from './problem.ts'
import * as schemas from './schemas.ts'

export interface EventRouteDeps {
  readonly records: CallRecords
  readonly liveCall: (callId: string) => LiveCall | undefined
  readonly clock: Clock
  readonly keys: readonly string[]
  readonly eventSeats: EventSeats
  readonly refusals: Refusals
}

/** The events of a call as server-sent events: what happened so far, then what happens, until the outcome is known. */
export function eventRoutes(deps: EventRouteDeps): FastifyPluginAsyncTypebox {
  const { records, liveCall, clock, eventSeats, refusals } = deps
  /** Who follows a call. One wait for its outcome serves them all, however many come and go. */
  const followers = new WeakMap<LiveCall, Set<EventStream>>()

  function followersOf(call: LiveCall): Set<EventStream> {
    const known = followers.get(call)
    if (known) return known
    const streams = new Set<EventStream>()
    followers.set(call, streams)
    void call.outcome.then(() => {
      for (const stream of streams) stream.end()
    })
    return streams
  }

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
        // Behind another answer of the same connection it would only fill memory.
        if (reply.raw.socket === null) throw new BridgeError('request.invalid', 'Expected a connection of its own.')
        const seat = eventSeats.take(callerOf(deps.keys, request.headers))
        if ('refused' in seat) {
          if (refusals.count('too-many-event-streams'))
            request.log.warn({ errorCode: seat.refused.code }, 'event stream refused: too many are open')
          return sendProblem(reply, seat.refused)
        }
        reply.hijack()
        const streams = call && followersOf(call)
        let unwatch = (): void => {}
        const stream = openEventStream(reply.raw, clock, () => {
          seat.leave()
          unwatch()
          streams?.delete(stream)
        })
        for (const entry of past) stream.send(entry)
        if (!call) stream.end()
        else if (stream.open) {
          streams?.add(stream)
          unwatch = call.watch((event) => stream.send(timelineEntry(event)))
        }
        return undefined
      },
    )
  }
}

/** What is no number of ours begins from the start. */
function sequenceOf(lastEventId: string | undefined): number {
  return lastEventId !== undefined && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : 0
}
