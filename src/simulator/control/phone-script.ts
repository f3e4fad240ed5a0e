import { z } from 'zod'
import type { PhoneScript } from '../phone-network/phone/script.ts'

const ms = z.number().min(0)
const moment = z.union([z.strictObject({ afterAnswerMs: ms }), z.strictObject({ afterHeardMs: ms })])
const press = z.string().regex(/^[0-9A-D*#w]+$/, 'expected 0-9, A-D, *, # and w for half a second')
const step = z.union([
  z.strictObject({ afterAnswerMs: ms, press }),
  z.strictObject({ afterHeardMs: ms, press }),
  z.strictObject({ afterAnswerMs: ms, hangUp: z.literal(true) }),
  z.strictObject({ afterHeardMs: ms, hangUp: z.literal(true) }),
])
const voicemail = z
  .strictObject({ afterMs: ms, greetingMs: ms, beep: z.boolean().default(true) })
  .transform((given) => ({ voicemail: given }))
const answer = z.union([
  z.enum(['busy', 'no-answer', 'failed']),
  z.strictObject({ afterMs: ms }),
  z.strictObject({ voicemail }).transform(({ voicemail }) => voicemail),
])
const script = z.strictObject({
  answer: answer.default({ afterMs: 1000 }),
  steps: z.array(step).default([]),
  hangUp: moment.optional(),
})

/**
 * A phone's script as it comes in JSON: the fields of `PhoneScript`, but for spoken audio.
 *
 * @throws Error that lists what was expected
 */
export function readPhoneScript(body: unknown): PhoneScript {
  const read = script.safeParse(body)
  if (!read.success) throw new Error(`expected a phone script:\n${z.prettifyError(read.error)}`)
  const { hangUp, ...rest } = read.data
  return hangUp === undefined ? rest : { ...rest, hangUp }
}
