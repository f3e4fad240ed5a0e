import type { FastifySchemaValidationError } from 'fastify'

/** What a request was expected to hold, field by field; values are never quoted, since they may be private. */
export function whatWasExpected(
  errors: readonly FastifySchemaValidationError[],
  part: string | undefined,
): { readonly pointer: string; readonly expected: string }[] {
  const where = part === undefined || part === 'body' ? '' : part
  // An unknown field is told once, by the object that does not know it.
  const told = errors.filter(({ keyword }) => keyword !== 'boolean')
  return told.slice(0, maxErrors).map((error) => ({
    pointer: `${where}${pointerOf(error.instancePath)}` || 'body',
    expected: expectation(error),
  }))
}

const maxErrors = 10

function expectation({ keyword, params }: FastifySchemaValidationError): string {
  switch (keyword) {
    case 'type':
      return `expected the type ${words(params['type'])}`
    case 'required':
      return `expected the fields ${words(params['requiredProperties'] ?? params['missingProperty'])}`
    case 'additionalProperties':
      return `unknown fields: ${words(params['additionalProperties'] ?? params['additionalProperty'])}`
    case 'minLength':
    case 'maxLength':
    case 'minProperties':
    case 'maxProperties':
    case 'minimum':
    case 'maximum':
      return `expected ${limits[keyword]} ${words(params['limit'])}`
    case 'enum':
    case 'anyOf':
      return 'expected one of the documented values'
    case 'pattern':
      return 'expected the documented form'
    default:
      return 'expected what /docs says'
  }
}

const limits = {
  minLength: 'a length of at least',
  maxLength: 'a length of at most',
  minProperties: 'fields, at least',
  maxProperties: 'fields, at most',
  minimum: 'at least',
  maximum: 'at most',
} as const

/** Names and numbers of the schema; a field that a client made up is named only when it looks like a name. */
function words(value: unknown): string {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.slice(0, maxErrors).map(word).join(', ')
}

function word(value: unknown): string {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && /^[a-zA-Z_-]{1,40}$/.test(value) ? value : '(unreadable name)'
}

/** A path of ours is made of names; anything else in it came from the client. */
function pointerOf(path: string): string {
  return path
    .split('/')
    .map((part) => (part === '' ? '' : word(part)))
    .join('/')
}
