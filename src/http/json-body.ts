import type { FastifyInstance, FastifyRequest } from 'fastify'

/**
 * JSON bodies of webhooks, kept as they came: Twilio signs the hash of their very bytes. Only once the signature was
 * checked are they parsed, by `parseJsonBody`. Holds for the routes of `webhooks` only.
 */
export function keepJsonBodies(webhooks: FastifyInstance): void {
  webhooks.removeContentTypeParser('application/json')
  webhooks.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    done(null, { [raw]: body.toString() })
  })
}

const raw = Symbol('the body as it came')

/** The bytes of a JSON body, or undefined where the body is a form or missing. */
export function rawJsonOf(request: FastifyRequest): string | undefined {
  const { body } = request
  if (typeof body !== 'object' || body === null || !(raw in body)) return undefined
  return typeof body[raw] === 'string' ? body[raw] : ''
}

/** Replaces a JSON body that was kept by its fields; what is no JSON object has none. */
export async function parseJsonBody(request: FastifyRequest): Promise<void> {
  const text = rawJsonOf(request)
  if (text !== undefined) request.body = fieldsOf(text)
}

/** Flat fields as a form would bring them: numbers become their digits, everything nested is left out. */
function fieldsOf(text: string): Readonly<Record<string, string>> {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return {}
  }
  if (typeof parsed !== 'object' || parsed === null) return {}
  return Object.fromEntries(
    Object.entries(parsed).flatMap(([name, value]: [string, unknown]) =>
      typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [],
    ),
  )
}
