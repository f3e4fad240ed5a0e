import { z } from 'zod'
import { type AsyncBehaviour, documentedBehaviour } from '../async/behaviour.ts'
import { errorCodes } from '../async/error-frames.ts'
import { change, checksOf, chunks, count, gap, handshakes, shape, type Special, words } from './switches.ts'

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
  handshake: handshakes,
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
  chunks,
  gap,
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

const asyncChecks = checksOf(documentedBehaviour, { ...async })

export const changeAsync = (behaviour: AsyncBehaviour, body: unknown) => change(behaviour, asyncChecks, body)
