import { Type } from '@fastify/type-provider-typebox'

/** The API's wire forms. They check what comes in, and say in OpenAPI what goes out. */
export const createCallBody = Type.Object(
  {
    to: Type.String({ minLength: 1, maxLength: 64, description: 'Whom to call, with + and country code.' }),
    message: Type.Optional(Type.String({ description: 'What to say; or name a flow.' })),
    voicemail: Type.Optional(Type.String({ description: 'What a mailbox is told instead, after its beep.' })),
    flow: Type.Optional(Type.String({ maxLength: 100, description: 'The name of a flow, such as notify.' })),
    parameters: Type.Optional(
      Type.Record(Type.String(), Type.String(), { maxProperties: 100, description: 'What the flow is given along.' }),
    ),
    voice: Type.Optional(Type.String({ maxLength: 100, description: 'A voice of the speech provider, by its id.' })),
    from: Type.Optional(Type.String({ maxLength: 64, description: 'One of your Twilio numbers.' })),
    timeoutMs: Type.Optional(
      Type.Integer({ minimum: 5_000, maximum: 600_000, description: 'How long the phone may ring.' }),
    ),
  },
  { additionalProperties: false },
)

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()])
const time = Type.String({ format: 'date-time' })

const outcomeError = Type.Object({
  code: Type.String(),
  message: Type.String(),
  retryable: Type.Boolean(),
  details: Type.Record(Type.String(), Type.Unknown()),
})
const outcome = Type.Object(
  {
    status: Type.String(),
    reason: Type.String(),
    heardMs: Type.Number(),
    sentMs: Type.Number(),
    heardText: Type.String(),
    provider: nullable(Type.String()),
    spokenBy: Type.Array(
      Type.Object({ provider: Type.String(), sentMs: Type.Number(), error: nullable(outcomeError) }),
    ),
    answeredToFirstAudioMs: nullable(Type.Number()),
    answeredBy: nullable(Type.String()),
    keys: Type.String(),
    answer: nullable(Type.String()),
    transfer: nullable(Type.Object({ ended: Type.String(), durationMs: Type.Number() })),
    startedAt: time,
    answeredAt: nullable(time),
    endedAt: time,
    error: nullable(outcomeError),
  },
  { description: 'What became of the call, as docs/calls.md explains it.' },
)

const state = Type.Union([
  Type.Literal('dialling'),
  Type.Literal('ringing'),
  Type.Literal('answered'),
  Type.Literal('streaming'),
  Type.Literal('ended'),
])

const callFields = {
  callId: Type.String(),
  callSid: nullable(Type.String()),
  direction: Type.Union([Type.Literal('outbound'), Type.Literal('inbound')]),
  to: Type.String(),
  from: Type.String(),
  flow: Type.String(),
  state,
  createdAt: time,
  updatedAt: time,
  outcome: nullable(outcome),
}

const callSummary = Type.Object(callFields)
export const callDetail = Type.Object({
  ...callFields,
  timeline: Type.Array(
    Type.Object({ sequence: Type.Integer(), at: time, type: Type.String() }, { description: 'One step of the call.' }),
  ),
})
export const callList = Type.Object({ calls: Type.Array(callSummary), next: nullable(Type.String()) })

export const listQuery = Type.Object(
  {
    state: Type.Optional(state),
    to: Type.Optional(Type.String({ maxLength: 64 })),
    cursor: Type.Optional(Type.String({ maxLength: 100, description: 'The `next` of the page before.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  },
  { additionalProperties: false },
)

export const callParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) })

export const createCallHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      pattern: '^[\\x21-\\x7e]+$',
      description: 'A repeated request of the same key gets the first call; nobody is dialled again.',
    }),
  ),
})

export const eventsHeaders = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({ maxLength: 20, description: 'The last event that came; the stream goes on behind it.' }),
  ),
})

export const problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String(),
    retryable: Type.Boolean(),
    retryAfterMs: Type.Optional(Type.Number()),
    errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), expected: Type.String() }))),
  },
  { description: 'RFC 9457 problem details.' },
)
