import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { LiveCall } from '../../call/live-call.ts'
import { phoneNumber } from '../../call/phone-number.ts'
import type { PlacedCall, PlaceRequest } from '../../call/placing.ts'
import type { CallRecord, CallRecords } from '../../call/records.ts'
import { BridgeError } from '../../errors.ts'
import { detailOf, summaryOf } from './call-view.ts'
import * as schemas from './schemas.ts'

export interface CallRouteDeps {
  readonly records: CallRecords
  readonly place: (request: PlaceRequest) => PlacedCall
  readonly liveCall: (callId: string) => LiveCall | undefined
  readonly maxBodyBytes: number
}

const errors = { '4xx': schemas.problem, '5xx': schemas.problem }
const defaultLimit = 20

/** Placing, listing, looking at and ending calls. */
export function callRoutes(deps: CallRouteDeps): FastifyPluginAsyncTypebox {
  const { records, place, liveCall } = deps
  return async (api) => {
    api.post(
      '/calls',
      {
        bodyLimit: deps.maxBodyBytes,
        schema: {
          summary: 'Place a call',
          headers: schemas.createCallHeaders,
          body: schemas.createCallBody,
          response: { 201: schemas.callDetail, ...errors },
        },
      },
      async (request, reply) => {
        const { body } = request
        if ((body.message === undefined) === (body.flow === undefined))
          throw new BridgeError('request.invalid', 'Expected either a message or the name of a flow, one of the two.')
        const placed = place({ ...body, idempotencyKey: request.headers['idempotency-key'] })
        if (placed.repeated) reply.header('idempotency-replayed', 'true')
        reply.code(201).header('location', `/calls/${placed.callId}`)
        return detailOf(placed.record, placed.call)
      },
    )

    api.get(
      '/calls',
      {
        schema: {
          summary: 'List calls, newest first',
          querystring: schemas.listQuery,
          response: { 200: schemas.callList, ...errors },
        },
      },
      async ({ query }) => {
        const { state, cursor, limit = defaultLimit } = query
        if (cursor !== undefined && !records.find(cursor))
          throw new BridgeError('request.invalid', 'cursor: expected the "next" of an earlier page.')
        // A plus sign that was not escaped arrives as a space.
        const to =
          query.to === undefined ? undefined : phoneNumber(query.to.replace(/^ /, '+'), 'the number to look for')
        // One more than asked for tells whether there is a next page.
        const found = records.list({ state, to, after: cursor, limit: limit + 1 })
        const page = found.slice(0, limit)
        return { calls: page.map(summaryOf), next: found.length > limit ? (page.at(-1)?.callId ?? null) : null }
      },
    )

    api.get(
      '/calls/:id',
      {
        schema: {
          summary: 'One call: its state, timeline and outcome',
          params: schemas.callParams,
          response: { 200: schemas.callDetail, ...errors },
        },
      },
      async ({ params }) => detailOf(recordOf(records, params.id), liveCall(params.id)),
    )

    api.post(
      '/calls/:id/hangup',
      {
        schema: {
          summary: 'End a call; one that is over stays as it is',
          params: schemas.callParams,
          response: { 200: schemas.callDetail, 202: schemas.callDetail, ...errors },
        },
      },
      async ({ params }, reply) => {
        const record = recordOf(records, params.id)
        const call = liveCall(params.id)
        if (!call && record.state !== 'ended')
          throw new BridgeError('call.elsewhere', 'The call is not conducted by this process, which cannot end it.')
        call?.end('cancelled')
        reply.code(call ? 202 : 200)
        return detailOf(record, call)
      },
    )
  }
}

/** @throws BridgeError `call.not-found` */
export function recordOf(records: CallRecords, callId: string): CallRecord {
  const record = records.find(callId)
  if (!record) throw new BridgeError('call.not-found', 'No call of this id is known. Old calls are forgotten in time.')
  return record
}
