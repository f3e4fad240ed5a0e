import { expect, test } from 'vitest'
import type { CallEvent } from '../../src/call/events.ts'
import type { LiveCall } from '../../src/call/live-call.ts'
import type { AsyncBehaviour } from '../../src/simulator/async/behaviour.ts'
import { createRandom } from '../../src/simulator/random.ts'
import { defaultBehaviour, type NetworkBehaviour } from '../../src/simulator/phone-network/behaviour.ts'
import type { PhoneScript } from '../../src/simulator/phone-network/phone/script.ts'
import { startWorld } from '../world.ts'

const sentence = 'This is one of the sentences of a call. '
const minutes = 30

/** What may be wrong with the network for a minute. */
const networkFaults: readonly Partial<NetworkBehaviour>[] = [
  {},
  {},
  { rest: { kind: 'status', status: 503, body: 'empty', processed: true } },
  { rest: { kind: 'reset', processed: true } },
  { statusCallbackLoss: 'all' },
  { statusCallbackCopies: 3, statusCallbackOrder: 'reversed' },
  { statusCallbackDelayMs: 7000 },
  { streamOpening: 'never' },
  { streamOpening: 'twice' },
  { streamSignature: 'wrong' },
  { loseStreamAfterMs: 2500 },
  { freezeStreamAfterMs: 2500 },
  { pauseReading: true },
  { answerPings: false },
  { sendStop: false },
  { closeAfterStop: false },
]
const speechFaults: readonly Partial<AsyncBehaviour>[] = [
  { incidents: [] },
  { incidents: [] },
  { incidents: [{ at: 'audio', nth: 5, what: { kind: 'drop', reset: true } }] },
  { incidents: [{ at: 'transcript', nth: 1, what: { kind: 'stall' } }] },
  { incidents: [{ at: 'transcript', nth: 1, connection: 1, what: { kind: 'drop' } }] },
  { incidents: [{ at: 'audio', nth: 3, what: { kind: 'frame', frame: 'malformed-json' } }] },
]
const phones: readonly PhoneScript[] = [
  {},
  { answer: { afterMs: 8000 } },
  { answer: 'busy' },
  { answer: 'no-answer' },
  { answer: 'failed' },
  { hangUp: { afterHeardMs: 1500 } },
  { answer: { afterMs: 500 }, hangUp: { afterAnswerMs: 100 } },
]

test('half an hour of traffic with faults: every call has one outcome, and nothing is left', {
  timeout: 120_000,
}, async () => {
  const random = createRandom(20_260_105)
  const oneOf = <T>(choices: readonly T[]): T => {
    const choice = choices[Math.floor(random() * choices.length)]
    if (choice === undefined) throw new Error('nothing to choose from')
    return choice
  }
  await using world = await startWorld({ restTimeoutMs: 500, lookEveryMs: 5000 })
  const outcomes = new Map<LiveCall, number>()
  const ends = new Map<LiveCall, number>()
  const startMs = world.clock.now()
  let dialled = 0

  function place(): void {
    const to = `+1555300${String(dialled++).padStart(4, '0')}`
    world.network.phone(to, oneOf(phones))
    const call = world.dial(to, sentence.repeat(1 + Math.floor(random() * 6)), { ringMs: 15_000 })
    const count = ({ type }: CallEvent) => type === 'ended' && ends.set(call, (ends.get(call) ?? 0) + 1)
    call.watch(count)
    void call.outcome.then(() => outcomes.set(call, (outcomes.get(call) ?? 0) + 1))
    ends.set(call, 0)
  }

  for (let minute = 0; minute < minutes; minute++) {
    Object.assign(world.network.behaviour, defaultBehaviour(), oneOf(networkFaults))
    Object.assign(world.async.behaviour, oneOf(speechFaults))
    for (let part = 0; part < 4; part++) {
      place()
      await world.clock.advance(15_000)
    }
  }
  Object.assign(world.network.behaviour, defaultBehaviour())
  Object.assign(world.async.behaviour, { incidents: [] })
  await world.clock.advance(180_000)

  expect(world.clock.now() - startMs).toBe((minutes + 3) * 60_000)
  expect(dialled).toBe(minutes * 4)
  expect(outcomes.size).toBe(dialled)
  expect(new Set(outcomes.values())).toEqual(new Set([1]))
  expect(new Set(ends.values())).toEqual(new Set([1]))
  const told = await Promise.all([...outcomes.keys()].map((call) => call.outcome))
  // The faults were met, and most calls were none of them.
  const reasons = new Set(told.map((outcome) => outcome.reason))
  for (const reason of ['completed', 'callee-hung-up', 'busy', 'no-answer', 'stream-lost', 'speech-failed'] as const)
    expect(reasons).toContain(reason)
  expect(world.app.calls()).toEqual([])
  expect(world.async.connections).toBe(0)
  expect(world.network.calls.filter((call) => call.endedAtMs === undefined)).toEqual([])
  const sockets = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap')
  expect(sockets.length).toBeLessThan(20)
})
