import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import type { Refusals } from '../refusals.ts'
import { guardHook, type Guard } from './guard.ts'

const description =
  'Places phone calls, tells what becomes of them, ends them. Errors are problem details (RFC 9457) with a `code` of ' +
  'docs/calls.md, and say when to try again.'

/** Collects the routes that are registered after it; `/docs` shows them, `/docs/json` is the OpenAPI document. */
export async function describeRoutes(api: FastifyInstance, guard: Guard, refusals: Refusals): Promise<void> {
  await api.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'callbridge', description, version: '1' },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'One of API_KEYS.' } } },
      security: [{ key: [] }],
    },
  })
  await api.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    // Nothing is fetched from elsewhere: it works without a network.
    uiConfig: { validatorUrl: null },
    uiHooks: { onRequest: guardHook(guard, refusals) },
  })
}
