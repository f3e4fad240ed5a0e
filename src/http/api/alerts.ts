import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Alert, AlertView } from '../../alerts/alert.ts'
import type { Alerts } from '../../alerts/alerts.ts'
import { BridgeError } from '../../errors.ts'
import * as schemas from './alert-schemas.ts'
import { createCallHeaders, problem } from './schemas.ts'

export interface AlertRouteDeps {
  readonly alerts: Pick<Alerts, 'begin' | 'find'>
  readonly maxBodyBytes: number
}

const errors = { '4xx': problem, '5xx': problem }

/** Calling down a list, looking at how far it is, stopping it. */
export function alertRoutes({ alerts, maxBodyBytes }: AlertRouteDeps): FastifyPluginAsyncTypebox {
  return async (api) => {
    api.post(
      '/alerts',
      {
        bodyLimit: maxBodyBytes,
        schema: {
          summary: 'Call down a list until somebody acknowledges',
          headers: createCallHeaders,
          body: schemas.createAlertBody,
          response: { 202: schemas.alert, ...errors },
        },
      },
      async (request, reply) => {
        const order = { flow: 'alert', ...request.body, idempotencyKey: request.headers['idempotency-key'] }
        const { alert, repeated } = alerts.begin(order)
        if (repeated) reply.header('idempotency-replayed', 'true')
        const { view } = alert
        reply.code(202).header('location', `/alerts/${view.alertId}`)
        return shown(view)
      },
    )

    api.get(
      '/alerts/:id',
      {
        schema: {
          summary: 'One alert: who was called, and what became of it',
          params: schemas.alertParams,
          response: { 200: schemas.alert, ...errors },
        },
      },
      async ({ params }) => shown(alertOf(params.id).view),
    )

    api.post(
      '/alerts/:id/cancel',
      {
        schema: {
          summary: 'Call nobody any more, and end the call under way; an alert that is over stays as it is',
          params: schemas.alertParams,
          response: { 200: schemas.alert, 202: schemas.alert, ...errors },
        },
      },
      async ({ params }, reply) => {
        const alert = alertOf(params.id)
        reply.code(alert.view.state === 'calling' ? 202 : 200)
        alert.cancel()
        return shown(alert.view)
      },
    )
  }

  /** @throws BridgeError `alert.not-found` */
  function alertOf(alertId: string): Alert {
    const alert = alerts.find(alertId)
    if (alert) return alert
    throw new BridgeError(
      'alert.not-found',
      'No alert of this id is known. They are forgotten when the server ends, and in time; GET /calls has their calls.',
    )
  }
}

function shown(view: AlertView) {
  return { ...view, people: view.people.map(({ to, tries }) => ({ to, tries: [...tries] })) }
}
