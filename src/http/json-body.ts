import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

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

/** Replaces a JSON body that was kept by its fields; one that is no JSON object is answered with 400. */
export async function parseJsonBody(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  const text = rawJsonOf(request)
  if (text === undefined) return undefined
  const fields = fieldsOf(text)
  if (!fields) return reply.code(400).send({ error: 'The body is no JSON object.' })
  request.body = fields
  return undefined
}

/** Flat fields as a form would bring them: numbers become their digits, everything nested is left out. */
function fieldsOf(text: string): Readonly<Record<string, string>> | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined
  return Object.fromEntries(
    Object.entries(parsed).flatMap(([name, value]: [string, unknown]) =>
      typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [],
    ),
  )
}
