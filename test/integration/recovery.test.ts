import twilio from 'twilio'
import { describe, expect, test } from 'vitest'
import type { CallRecord } from '../../src/call/records.ts'
import type { NetworkBehaviour } from '../../src/simulator/phone-network/behaviour.ts'
import type { PhoneScript } from '../../src/simulator/phone-network/phone/script.ts'
import { leftRecord, recordsOf } from '../records.ts'
import { secrets, startWorld, type World } from '../world.ts'

const to = '+15551230001'

/** A call as a process that died has left it at Twilio: nobody answers its callbacks or its stream. */
async function leave(world: World, script: PhoneScript, number = to): Promise<string> {
  world.network.phone(number, script)
  const client = twilio(secrets.accountSid, secrets.authToken)
  client.api.baseUrl = world.network.url
  const twiml = '<Response><Pause length="600"/></Response>'
  const { sid } = await world.until(client.calls.create({ to: number, from: secrets.from, twiml }))
  return sid
}

async function recover(world: World, records: readonly CallRecord[]) {
  const store = recordsOf(records)
  // Simulated time stands, but for the pauses of a search.
  const release = records.some((record) => record.callSid === null) ? () => {} : world.clock.hold()
  const recovering = world.app.recover(store).finally(release)
  const recovery = await world.until(recovering)
  return { recovery, store, outcomes: [...store.all.values()].map((record) => record.outcome) }
}

const statuses = (world: World) => world.network.calls.map((call) => call.status)
const failedReads = (until: () => boolean): Partial<NetworkBehaviour> => ({
  rest: () => (until() ? { kind: 'normal' } : { kind: 'status', status: 503, body: 'empty', processed: false }),
})

describe('after the death of a process', () => {
  test('a call that still rings is ended at the next start', async () => {
    await using world = await startWorld()
    const callSid = await leave(world, { answer: { afterMs: 60_000 } })
    await world.clock.advance(1000)
    const { recovery, outcomes } = await recover(world, [leftRecord('a', { callSid, state: 'ringing' })])
    expect(recovery).toEqual({ ended: 1, adopted: 0, unknown: 0, unsettled: 0 })
    expect(statuses(world)).toEqual(['canceled'])
    expect(outcomes).toMatchObject([
      { callId: 'a', callSid, status: 'failed', reason: 'process-died', heardMs: 0, error: { code: 'call.abandoned' } },
    ])
  })

  test('a call in which somebody listens is ended at the next start, and nothing of it counts as heard', async () => {
    await using world = await startWorld()
    const callSid = await leave(world, { answer: { afterMs: 0 } })
    await world.clock.advance(5000)
    expect(statuses(world)).toEqual(['in-progress'])
    const { recovery, outcomes } = await recover(world, [leftRecord('a', { callSid, state: 'streaming' })])
    expect(recovery.ended).toBe(1)
    expect(statuses(world)).toEqual(['completed'])
    expect(outcomes).toMatchObject([{ status: 'failed', reason: 'process-died', heardMs: 0, heardText: '' }])
  })

  test('a call that was given to another number is left to those who talk', async () => {
    await using world = await startWorld()
    const callSid = await leave(world, { answer: { afterMs: 0 } })
    await world.clock.advance(5000)
    const timeline = [{ sequence: 9, at: new Date(0).toISOString(), type: 'transferring' as const }]
    const { recovery, outcomes } = await recover(world, [leftRecord('a', { callSid, state: 'streaming', timeline })])
    expect(recovery).toEqual({ ended: 0, adopted: 1, unknown: 0, unsettled: 0 })
    expect(statuses(world)).toEqual(['in-progress'])
    expect(outcomes).toMatchObject([{ reason: 'process-died', error: { code: 'call.abandoned' } }])
  })

  test.each([
    ['busy', { answer: 'busy' }, { status: 'busy', reason: 'busy', error: null }],
    ['failed', { answer: 'failed' }, { status: 'failed', reason: 'unreachable', error: null }],
    ['over', { hangUp: { afterAnswerMs: 100 } }, { status: 'failed', reason: 'process-died' }],
  ] as const)('a call that ended meanwhile gets Twilio’s word for it: %s', async (_name, script, expected) => {
    await using world = await startWorld()
    const callSid = await leave(world, script)
    await world.clock.advance(30_000)
    const { recovery, outcomes } = await recover(world, [leftRecord('a', { callSid })])
    expect(recovery).toEqual({ ended: 0, adopted: 1, unknown: 0, unsettled: 0 })
    expect(outcomes).toMatchObject([expected])
  })

  test('a call whose id was never learnt is found by its numbers and its time, and ended', async () => {
    await using world = await startWorld({ network: { behaviour: { listLagMs: 1000 } } })
    const old = await leave(world, { answer: { afterMs: 0 } })
    await world.clock.advance(120_000)
    const createdAt = new Date(world.clock.now()).toISOString()
    const callSid = await leave(world, { answer: { afterMs: 60_000 } })
    await leave(world, { answer: { afterMs: 60_000 } }, '+15551230002')
    const { recovery, outcomes } = await recover(world, [leftRecord('a', { createdAt })])
    expect(recovery).toEqual({ ended: 1, adopted: 0, unknown: 0, unsettled: 0 })
    expect(outcomes).toMatchObject([{ callSid, reason: 'process-died' }])
    // What others did before, or to another number, is not touched.
    expect(world.network.calls.map((call) => [call.sid === old, call.status])).toEqual([
      [true, 'in-progress'],
      [false, 'canceled'],
      [false, 'ringing'],
    ])
  })

  test('a call that the next process made itself is not taken for a lost one', async () => {
    await using world = await startWorld()
    const left = [leftRecord('a', { createdAt: new Date(world.clock.now() - 20_000).toISOString() })]
    await world.clock.advance(10_000)
    const recovering = recover(world, left)
    world.network.phone(to, { answer: { afterMs: 0 } })
    const call = world.dial(to, 'A call of the new process.')
    const { recovery } = await recovering
    expect(recovery.unknown).toBe(1)
    expect(await world.until(call.outcome)).toMatchObject({ status: 'heard' })
  })

  test('a call that Twilio never got, or no longer knows, is told as such', async () => {
    await using world = await startWorld()
    const gone = `CA${'e'.repeat(32)}`
    const { recovery, outcomes } = await recover(world, [leftRecord('a'), leftRecord('b', { callSid: gone })])
    expect(recovery).toEqual({ ended: 0, adopted: 0, unknown: 2, unsettled: 0 })
    for (const outcome of outcomes) expect(outcome?.error?.message).toContain('never dialled')
  })

  test('Twilio cannot be reached at the start: it is asked again until the calls are settled', async () => {
    let reachable = false
    await using world = await startWorld({ network: { behaviour: failedReads(() => reachable) } })
    reachable = true
    const callSid = await leave(world, { answer: { afterMs: 0 } })
    reachable = false
    const store = recordsOf([leftRecord('a', { callSid }), leftRecord('b')])
    const recovering = world.app.recover(store)
    await world.clock.advance(20_000)
    // Another server calls the same number meanwhile, which is nobody's lost call.
    reachable = true
    const other = await leave(world, { answer: { afterMs: 0 } })
    reachable = false
    expect([...store.all.values()].map((record) => record.outcome)).toEqual([null, null])
    reachable = true
    expect(await world.until(recovering)).toEqual({ ended: 1, adopted: 0, unknown: 1, unsettled: 0 })
    expect(world.network.calls.map((call) => [call.sid === other, call.status])).toEqual([
      [false, 'completed'],
      [true, 'in-progress'],
    ])
  })

  test('a server that is closed meanwhile leaves the rest to the next start', async () => {
    const world = await startWorld({ network: { behaviour: failedReads(() => false) } })
    const store = recordsOf([leftRecord('a', { callSid: `CA${'e'.repeat(32)}` })])
    const recovering = world.app.recover(store)
    await world.clock.advance(10_000)
    await world[Symbol.asyncDispose]()
    expect(await recovering).toMatchObject({ unsettled: 1 })
    expect(store.unfinished()).toHaveLength(1)
  })

  test('two hundred calls are settled, each once', async () => {
    await using world = await startWorld()
    const records: CallRecord[] = []
    for (let index = 0; index < 200; index++) {
      const number = `+1555200${String(index).padStart(4, '0')}`
      records.push(
        leftRecord(`c${index}`, { callSid: await leave(world, { answer: { afterMs: 0 } }, number), to: number }),
      )
    }
    const { recovery, outcomes } = await recover(world, records)
    expect(recovery).toEqual({ ended: 200, adopted: 0, unknown: 0, unsettled: 0 })
    expect(new Set(outcomes.map((outcome) => outcome?.callSid)).size).toBe(200)
    expect(new Set(statuses(world))).not.toContain('in-progress')
  })
})
