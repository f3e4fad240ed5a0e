import { Type } from '@fastify/type-provider-typebox'
import { createCallBody } from './schemas.ts'

const { to, ...common } = createCallBody.properties

/** The wire forms of alerts. */
export const createAlertBody = Type.Object(
  {
    ...common,
    to: Type.Array(to, { minItems: 1, maxItems: 50, description: 'Whom to call, in this order.' }),
    rounds: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10, default: 1, description: 'How often the list is gone through.' }),
    ),
  },
  { additionalProperties: false },
)

const time = Type.String({ format: 'date-time' })
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()])

export const alert = Type.Object({
  alertId: Type.String(),
  state: Type.String({ description: 'calling, acknowledged, in-vain or stopped.' }),
  acknowledgedBy: orNull(Type.Integer({ description: 'A place in the list, from 0.' })),
  people: Type.Array(
    Type.Object({
      to: Type.String(),
      tries: Type.Array(
        Type.Object({
          callId: orNull(Type.String()),
          became: orNull(Type.String()),
          error: orNull(Type.Object({ code: Type.String(), message: Type.String() })),
        }),
      ),
    }),
  ),
  createdAt: time,
  endedAt: orNull(time),
})

export const alertParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) })
