import { z } from 'zod'
import { defaultBehaviour, type NetworkBehaviour } from '../phone-network/behaviour.ts'
import { change, checksOf, count, shape, type Special, words } from './switches.ts'

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

const networkChecks = checksOf(defaultBehaviour(), { ...network })

export const changeNetwork = (behaviour: NetworkBehaviour, body: unknown) => change(behaviour, networkChecks, body)
