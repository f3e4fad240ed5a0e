import { z } from 'zod'
import { type AsyncBehaviour, documentedBehaviour } from '../async/behaviour.ts'
import { errorCodes } from '../async/error-frames.ts'
import { defaultBehaviour, type NetworkBehaviour } from '../phone-network/behaviour.ts'

/** What a switch can be set to, and how that is said to a person. */
interface Check {
  readonly schema: z.ZodType
  readonly expected: string
}

/** Switches of which the kind of their default does not say all: words, and what has more to say. */
type Special<B> = {
  readonly [K in keyof B as B[K] extends boolean | number | readonly string[] ? never : K]: Check
}

const count = z.number().min(0)

function words(...allowed: readonly string[]): Check {
  return { schema: z.enum(allowed), expected: `one of ${allowed.map((word) => JSON.stringify(word)).join(', ')}` }
}

function shape(schema: z.ZodType, expected: string): Check {
  return { schema, expected }
}

const processed = z.boolean()
const restAnswer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('normal') }),
  z.strictObject({ kind: z.enum(['no-answer', 'reset']), processed }),
  z.strictObject({ kind: z.literal('late'), delayMs: count }),
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(200).max(599),
    body: z.enum(['json', 'html', 'empty']),
    processed,
    code: z.int().optional(),
  }),
])

const network: Special<NetworkBehaviour> = {
  geoPermissions: shape(
    z.union([z.literal('all'), z.array(z.string())]),
    '"all" or a list of prefixes such as ["+1", "+44"]',
  ),
  rest: shape(
    restAnswer,
    '{"kind": "normal"}, {"kind": "no-answer" or "reset", "processed": true}, {"kind": "late", "delayMs": 5000} or ' +
      '{"kind": "status", "status": 503, "body": "json", "html" or "empty", "processed": false}',
  ),
  unregisteredNumbers: words('no-answer', 'unreachable'),
  statusCallbackOrder: words('in-order', 'reversed'),
  statusCallbackLoss: words('none', 'all', 'terminal'),
  statusCallbackDelayMs: shape(count, 'a number of 0 or more'),
  stirStatus: words('A', 'B', 'C'),
  amdVerdict: words(
    'by-phone',
    'human',
    'fax',
    'unknown',
    'machine_start',
    'machine_end_beep',
    'machine_end_silence',
    'machine_end_other',
  ),
  webhookSignature: words('correct', 'wrong', 'missing'),
  streamOpening: words('normal', 'never', 'twice'),
  streamSignature: words('correct', 'trailing-slash', 'wrong', 'missing'),
  connectedVersion: shape(z.string(), 'a text such as "1.0.0"'),
  customParameters: words('as-given', 'empty', 'absent'),
  mediaFormat: words('given', 'absent', 'null'),
  keyOrder: words('documented', 'reversed'),
  silence: words('ff', '7f', 'mixed'),
  firstTimestampMs: shape(z.union([z.literal('random'), count]), '"random" or a number of 0 or more'),
  malformedMessages: words('ignored', 'closed'),
  afterStreamFailure: words('continue', 'hang-up'),
}

const happening = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('error'),
    code: z.enum(errorCodes),
    message: z.string().optional(),
    extra: z.record(z.string(), z.unknown()).nullable().optional(),
    afterwards: z.enum(['close', 'abandon', 'go-on']).optional(),
    withContextId: z.boolean().optional(),
  }),
  z.strictObject({
    kind: z.literal('frame'),
    frame: z.enum([
      'unknown-json',
      'not-an-object',
      'malformed-json',
      'not-base64',
      'wrong-types',
      'prototype-keys',
      'deep-json',
      'empty',
      'binary',
      'huge',
      'unknown-context',
    ]),
    bytes: count.optional(),
  }),
  z.strictObject({ kind: z.literal('drop'), reset: z.boolean().optional() }),
  z.strictObject({ kind: z.literal('close'), code: z.int(), reason: z.string().optional() }),
  z.strictObject({ kind: z.enum(['stall', 'freeze']) }),
])
const incident = z.strictObject({
  at: z.enum(['connect', 'init', 'transcript', 'audio', 'request', 'body', 'voices']),
  nth: z.int().min(1).optional(),
  connection: z.int().min(1).optional(),
  what: happening,
})

const async: Special<AsyncBehaviour> = {
  handshake: shape(
    z.union([z.enum(['answer', 'refuse', 'never']), z.strictObject({ httpStatus: z.int().min(400).max(599) })]),
    'one of "answer", "refuse", "never", {"httpStatus": 503}',
  ),
  badKey: words('http-401', 'close', 'error-frame'),
  missingVersion: words('refuse', 'accept'),
  textBeforeInit: words('error', 'ignore'),
  secondInit: words('error', 'ignore'),
  afterBadInit: words('close', 'stay-open'),
  badMessage: words('error', 'ignore'),
  contextIds: words('uuid-only', 'honoured', 'server-only'),
  defaultContextEnd: words('stays-open', 'closes-socket'),
  forcedWhitespace: words('empty-audio', 'nothing'),
  endOfInput: words('final', 'no-final'),
  closeContext: words('graceful', 'truncating', 'emptying'),
  final: words('at-end', 'early', 'with-last-audio', 'twice', 'missing'),
  chunks: shape(
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('fixed'), ms: z.number().positive() }),
      z.strictObject({ kind: z.enum(['tiny', 'odd', 'whole']) }),
      z.strictObject({ kind: z.literal('random'), seed: z.int(), minBytes: z.int().min(1), maxBytes: z.int().min(1) }),
    ]),
    '{"kind": "fixed", "ms": 200}, {"kind": "tiny", "odd" or "whole"} or {"kind": "random", "seed", "minBytes", "maxBytes"}',
  ),
  gap: shape(
    // JSON knows no undefined.
    z
      .strictObject({ everyChunks: z.int().min(1), ms: count })
      .nullable()
      .transform((gap) => gap ?? undefined),
    '{"everyChunks": 3, "ms": 500}, or null for none',
  ),
  errorForm: words('flat', 'detail'),
  httpErrorForm: words('detail', 'flat'),
  httpMissingVersion: words('accept', 'refuse'),
  httpModels: words('all', 'flash-v1.0'),
  httpBody: words('audio', 'json', 'unlabelled-json'),
  lastCursor: words('empty', 'repeated'),
  cloneQuality: words('good', 'bad'),
  previews: words('available', 'missing'),
  incidents: shape(z.array(incident), 'a list of incidents as in docs/simulator-async.md'),
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

function checksOf(defaults: object, special: Readonly<Record<string, Check>>): ReadonlyMap<string, Check> {
  const checks = new Map<string, Check>()
  for (const [name, initial] of Object.entries(defaults)) {
    const check = Object.hasOwn(special, name) ? special[name] : byKind(initial)
    if (check) checks.set(name, check)
  }
  return checks
}

const networkChecks = checksOf(defaultBehaviour(), { ...network })
const asyncChecks = checksOf(documentedBehaviour, { ...async })

export const changeNetwork = (behaviour: NetworkBehaviour, body: unknown) => change(behaviour, networkChecks, body)
export const changeAsync = (behaviour: AsyncBehaviour, body: unknown) => change(behaviour, asyncChecks, body)

/** Sets switches that exist to values they can have. Throws for anything else, and then nothing has changed. */
function change<B extends object>(behaviour: B, checks: ReadonlyMap<string, Check>, body: unknown): B {
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
