import { z } from 'zod'

/** What a switch can be set to, and how that is said to a person. */
export interface Check {
  readonly schema: z.ZodType
  readonly expected: string
}

/** Switches of which the kind of their default does not say all: words, and what has more to say. */
export type Special<B> = {
  readonly [K in keyof B as B[K] extends boolean | number | readonly string[] ? never : K]: Check
}

export const count = z.number().min(0)

export function words(...allowed: readonly string[]): Check {
  return { schema: z.enum(allowed), expected: `one of ${allowed.map((word) => JSON.stringify(word)).join(', ')}` }
}

export function shape(schema: z.ZodType, expected: string): Check {
  return { schema, expected }
}

/** The kind of a default: a number without limit is `null` in JSON. */
function byKind(initial: unknown): Check | undefined {
  if (typeof initial === 'boolean') return shape(z.boolean(), 'true or false')
  if (Array.isArray(initial)) return shape(z.array(z.string()), 'a list of texts')
  if (typeof initial !== 'number') return undefined
  if (Number.isFinite(initial)) return shape(count, 'a number of 0 or more')
  return shape(
    count.nullable().transform((limit) => limit ?? Number.POSITIVE_INFINITY),
    'a number of 0 or more, or null for no limit',
  )
}

export function checksOf(defaults: object, special: Readonly<Record<string, Check>>): ReadonlyMap<string, Check> {
  const checks = new Map<string, Check>()
  for (const [name, initial] of Object.entries(defaults)) {
    const check = Object.hasOwn(special, name) ? special[name] : byKind(initial)
    if (check) checks.set(name, check)
  }
  return checks
}

/** Sets switches that exist to values they can have. Throws for anything else, and then nothing has changed. */
export function change<B extends object>(behaviour: B, checks: ReadonlyMap<string, Check>, body: unknown): B {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Error('expected an object of switches')
  const changes: [name: string, value: unknown][] = []
  for (const [name, value] of Object.entries(body)) {
    const check = checks.get(name)
    if (!check) throw new Error(`no switch is named ${name}; there are ${[...checks.keys()].join(', ')}`)
    const read = check.schema.safeParse(value)
    if (!read.success) throw new Error(`expected ${check.expected} for ${name}; ${JSON.stringify(value)} came`)
    changes.push([name, read.data])
  }
  for (const [name, value] of changes) Reflect.set(behaviour, name, value)
  return behaviour
}

/** What every emulated speech service has. */
export const handshakes = shape(
  z.union([z.enum(['answer', 'refuse', 'never']), z.strictObject({ httpStatus: z.int().min(400).max(599) })]),
  'one of "answer", "refuse", "never", {"httpStatus": 503}',
)
export const chunks = shape(
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('fixed'), ms: z.number().positive() }),
    z.strictObject({ kind: z.enum(['tiny', 'odd', 'whole']) }),
    z.strictObject({ kind: z.literal('random'), seed: z.int(), minBytes: z.int().min(1), maxBytes: z.int().min(1) }),
  ]),
  '{"kind": "fixed", "ms": 200}, {"kind": "tiny", "odd" or "whole"} or {"kind": "random", "seed", "minBytes", "maxBytes"}',
)
export const gap = shape(
  // JSON knows no undefined.
  z
    .strictObject({ everyChunks: z.int().min(1), ms: count })
    .nullable()
    .transform((gap) => gap ?? undefined),
  '{"everyChunks": 3, "ms": 500}, or null for none',
)
