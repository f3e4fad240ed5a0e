import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { systemClock } from '../../src/ops/clock.ts'
import { createLogger } from '../../src/ops/logger.ts'
import { openFileRecords } from '../../src/store/file-records.ts'
import { type Emulators, start, startEmulators } from '../command.ts'

let emulators: Emulators
let network: Emulators['network']
let async: Emulators['async']
let lastNumber = 15_551_250_000

beforeAll(async () => {
  emulators = await startEmulators()
  network = emulators.network
  async = emulators.async
})
afterAll(() => emulators.close())

/** Kills the server at `event`, then lets the next one settle what is left, from the journal the first had written. */
async function killedAt(event: string, answerMs: number) {
  const to = `+${++lastNumber}`
  const phone = network.phone(to, { answer: { afterMs: answerMs } })
  const settings = await emulators.settings()
  const words = ['node', 'test/programs/dialling-server.ts', to, 'A sentence that takes a while to be spoken.']
  const running = start(words, settings)
  await running.printed(`event ${event}`)
  while (!network.calls.some((one) => one.to === to)) await new Promise((resolve) => setTimeout(resolve, 5))
  running.signal('SIGKILL')
  await running.finished
  const log = createLogger('silent')
  const folder = settings['DATA_DIR'] ?? ''
  const records = await openFileRecords({ folder, keepDays: 30, clock: systemClock, log })
  onTestFinished(() => records.close())
  const app = await buildApp(readConfig('serve', settings), { clock: systemClock, log, records, publicUrl: () => '' })
  const startedMs = performance.now()
  const left = records.unfinished()
  expect(left.map((record) => record.to)).toEqual([to])
  const recovery = await app.recover(records)
  await app.close()
  const tookMs = performance.now() - startedMs
  const calls = network.calls.filter((one) => one.to === to)
  // The speech service notices the death of the process by itself.
  const deadlineMs = performance.now() + 5000
  while (async.connections > 0 && performance.now() < deadlineMs)
    await new Promise((resolve) => setTimeout(resolve, 20))
  expect([calls.filter((one) => one.endedAtMs === undefined), async.connections]).toEqual([[], 0])
  // Looking for a call whose id was never learnt takes six seconds.
  expect(tookMs).toBeLessThan(25_000)
  return { recovery, outcome: records.find(left[0]?.callId ?? '')?.outcome, calls, phone }
}

describe('kill -9', () => {
  test('kill -9 while dialling: no phone is left ringing', async () => {
    // Twilio has dialled, and the process dies before it learns the id of its call.
    network.behaviour.statusCallbackLoss = 'all'
    network.behaviour.rest = ({ method, path }) =>
      method === 'POST' && path.endsWith('/Calls.json') ? { kind: 'late', delayMs: 60_000 } : { kind: 'normal' }
    const { recovery, outcome, calls } = await killedAt('dialling', 60_000)
    network.behaviour.statusCallbackLoss = 'none'
    network.behaviour.rest = { kind: 'normal' }
    expect(recovery).toMatchObject({ ended: 1, unsettled: 0 })
    expect(outcome).toMatchObject({ callSid: calls[0]?.sid, status: 'failed', reason: 'process-died' })
    expect(calls.map((call) => call.status)).toEqual(['canceled'])
  })

  test('kill -9 while the phone rings: the next start ends the call', async () => {
    const { recovery, outcome, calls, phone } = await killedAt('ringing', 60_000)
    expect(phone.heardMs).toBe(0)
    expect(recovery).toMatchObject({ ended: 1, unsettled: 0 })
    expect(outcome).toMatchObject({ status: 'failed', reason: 'process-died', error: { code: 'call.abandoned' } })
    expect(calls.map((call) => call.status)).toEqual(['canceled'])
  })

  test('kill -9 between the answer and the stream: the next start finds the call over, or ends it', async () => {
    network.behaviour.streamOpening = 'never'
    const { recovery, outcome, calls, phone } = await killedAt('answered', 0)
    network.behaviour.streamOpening = 'normal'
    expect(recovery).toMatchObject({ unsettled: 0, unknown: 0 })
    expect(outcome).toMatchObject({ status: 'failed', reason: 'process-died', heardMs: 0 })
    expect(calls.map((call) => call.status)).toEqual(['completed'])
    expect(phone.heardMs).toBe(0)
  })

  test('kill -9 while speaking: the call ends with the stream, and its outcome is adopted', async () => {
    const { recovery, outcome, calls, phone } = await killedAt('first-audio', 0)
    await phone.ended
    expect(recovery).toMatchObject({ unsettled: 0, unknown: 0 })
    expect(outcome).toMatchObject({ status: 'failed', reason: 'process-died', heardMs: 0 })
    expect(calls.map((call) => call.status)).toEqual(['completed'])
    // Cut off in the middle: nothing of what was heard is claimed.
    const whole = async.spoken.reduce((sum, one) => sum + one.audio.length, 0) / 8
    expect(phone.heardMs).toBeLessThanOrEqual(whole)
  })
})
