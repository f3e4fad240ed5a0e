import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { type AlertRouteDeps, alertRoutes } from './alerts.ts'
import { type CallRouteDeps, callRoutes } from './calls.ts'
import { describeRoutes } from './docs.ts'
import { type EventRouteDeps, eventRoutes } from './events.ts'
import { createApiGuard, guardHook, whyNotLocal } from './guard.ts'
import { problemOf } from './problem.ts'

/** The HTTP API and its documentation, behind their guard. */
export async function serveApi(
  server: FastifyInstance,
  deps: CallRouteDeps & AlertRouteDeps & EventRouteDeps & { readonly proxied: boolean },
): Promise<void> {
  const { keys, refusals, proxied } = deps
  const guard = createApiGuard(keys, { proxied })
  await server.register(async (api) => {
    api.setErrorHandler(problemOf)
    await describeRoutes(api, (caller) => (whyNotLocal(caller) ? guard(caller) : undefined), refusals)
    await api.register(async (calls) => {
      calls.addHook('onRequest', guardHook(guard, refusals))
      // Only JSON: a form is what a foreign web page can send without asking.
      calls.removeAllContentTypeParsers()
      const parseJson = calls.getDefaultJsonParser('error', 'error')
      calls.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
        // Many clients name the type also where they send nothing, as for a hang-up.
        if (body === '') done(null)
        else void parseJson(request, body, done)
      })
      calls.setValidatorCompiler(TypeBoxValidatorCompiler)
      calls.setSerializerCompiler(() => JSON.stringify)
      await calls.register(callRoutes(deps))
      await calls.register(alertRoutes(deps))
      await calls.register(eventRoutes(deps))
    })
  })
}
