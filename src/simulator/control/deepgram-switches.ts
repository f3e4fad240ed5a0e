import { z } from 'zod'
import { type DeepgramBehaviour, documentedBehaviour } from '../deepgram/behaviour.ts'
import { fatalCodes } from '../deepgram/closes.ts'
import { oddFrameNames } from '../deepgram/incidents.ts'
import { change, checksOf, chunks, count, gap, handshakes, shape, type Special, words } from './switches.ts'

const message = z.string().optional()
const happening = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fatal'), code: z.enum(fatalCodes) }),
  z.strictObject({ kind: z.enum(['error', 'warning']), code: z.string(), message }),
  z.strictObject({ kind: z.literal('frame'), frame: z.enum(oddFrameNames), bytes: count.optional() }),
  z.strictObject({ kind: z.literal('drop'), reset: z.boolean().optional() }),
  z.strictObject({ kind: z.literal('close'), code: z.int(), reason: z.string().optional() }),
  z.strictObject({ kind: z.literal('refuse'), status: z.int().min(400).max(599) }),
  z.strictObject({ kind: z.enum(['lose', 'stuck', 'stall', 'freeze']) }),
])
const incident = z.strictObject({
  at: z.enum(['connect', 'speak', 'flush', 'clear', 'audio', 'request', 'body']),
  nth: z.int().min(1).optional(),
  connection: z.int().min(1).optional(),
  what: happening,
})

const deepgram: Special<DeepgramBehaviour> = {
  handshake: handshakes,
  unknownParameters: words('refuse', 'ignore'),
  metadata: words('first', 'missing'),
  buffering: words('sentence', 'flush'),
  flushed: words('at-end', 'early', 'twice', 'missing'),
  emptyFlush: words('flushed', 'nothing'),
  sequenceIds: words('counting', 'zero'),
  cleared: words('after-window', 'early', 'twice', 'missing'),
  flushedAfterClear: words('none', 'before-cleared', 'after-cleared'),
  closeMessage: words('immediate', 'finishing'),
  badMessage: words('close', 'ignore'),
  warningForm: words('wire', 'typed'),
  closeReason: words('code', 'sentence'),
  errorFrame: words('none', 'Error', 'error'),
  chunks,
  gap,
  httpBody: words('audio', 'json', 'unlabelled-json', 'unlabelled-html'),
  incidents: shape(z.array(incident), 'a list of incidents as in docs/simulator-deepgram.md'),
}

const deepgramChecks = checksOf(documentedBehaviour, { ...deepgram })

export const changeDeepgram = (behaviour: DeepgramBehaviour, body: unknown) => change(behaviour, deepgramChecks, body)
