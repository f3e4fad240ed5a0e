import { PassThrough } from 'node:stream'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { Flow } from '../../src/flows/flow.ts'
import { startWorld, type WorldOptions } from '../world.ts'

const to = '+15551230001'

/** The words of a call as they are told, and everything that is kept of it elsewhere. */
async function conducted(
  flow: Flow,
  options: WorldOptions,
  begin: (world: Awaited<ReturnType<typeof startWorld>>) => void = () => {},
) {
  let logged = ''
  const out = new PassThrough()
  out.on('data', (chunk: Buffer) => (logged += chunk.toString()))
  await using world = await startWorld({ ...options, log: pino({ level: 'trace' }, out) })
  const phone = world.network.phone(to)
  begin(world)
  const call = world.dial(to, '', {}, flow)
  const told: string[] = []
  call.watchWords(({ by, text }) => told.push(`${by}: ${text}`))
  const outcome = await world.until(call.outcome)
  await world.until(phone.ended)
  return { told, outcome, elsewhere: logged + JSON.stringify(call.events) }
}

test('what is said, by us and by the callee, is told in its order, and stands in no log and no event', async () => {
  const { told, elsewhere } = await conducted(
    async (call) => {
      await call.say('Welcome to the zoo. It is open.')
      await call.gather({ say: 'Lions, or lemurs?', speech: true, timeoutMs: 4_000 })
      await call.say('Thank you.')
    },
    { deepgram: {} },
    (world) => world.deepgram?.listening.hear({ text: 'the lemurs please', atMs: 2_500 }),
  )
  expect(told).toEqual([
    'us: Welcome to the zoo.',
    'us: It is open.',
    'us: Lions, or lemurs?',
    'callee: the lemurs please',
    'us: Thank you.',
  ])
  expect(elsewhere).toContain('call ended')
  for (const word of ['zoo', 'lemurs', 'Thank you']) expect(elsewhere).not.toContain(word)
})

test('the apology of a flow that throws is told too', async () => {
  const { told, outcome } = await conducted(
    async (call) => {
      await call.say('One moment.')
      throw new Error('no such day')
    },
    { settings: { APOLOGY_SENTENCE: 'Sorry, that went wrong.' } },
  )
  expect(outcome.reason).toBe('flow-failed')
  expect(told).toEqual(['us: One moment.', 'us: Sorry, that went wrong.'])
})

test('what Twilio says with its own voice is told as that', async () => {
  const { told, outcome } = await conducted((call) => call.say('This is said. This is not.').then(() => {}), {
    async: { behaviour: { incidents: [{ at: 'audio', nth: 1, what: { kind: 'drop' } }] } },
  })
  expect(outcome.reason).toBe('said-by-twilio')
  expect(told.filter((words) => words.startsWith('twilio')).join(' ')).toContain('This is not.')
})
