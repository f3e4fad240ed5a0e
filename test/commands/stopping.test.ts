import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Emulators, start, startEmulators } from '../command.ts'

let emulators: Emulators
let network: Emulators['network']
let async: Emulators['async']
let lastNumber = 15_551_240_000

beforeAll(async () => {
  emulators = await startEmulators()
  network = emulators.network
  async = emulators.async
})
afterAll(() => emulators.close())

const text = 'A sentence that takes a while, so that a signal comes before its end.'
const sentence = 'We have to stop here.'

const goesOn = (to: string) => network.calls.some((one) => one.to === to && one.endedAtMs === undefined)

/** The server with one call of its own, up to `event`; then SIGTERM. */
async function stoppedAt(event: string, options: { answerMs: number; drainMs: number; signals?: number }) {
  const to = `+${++lastNumber}`
  const phone = network.phone(to, { answer: { afterMs: options.answerMs } })
  const settings = {
    ...(await emulators.settings()),
    DRAIN_TIMEOUT_MS: String(options.drainMs),
    DRAIN_SENTENCE: sentence,
  }
  const running = start(['node', 'test/programs/dialling-server.ts', to, text], settings)
  await running.printed('ready')
  await running.printed(event)
  running.signal('SIGTERM')
  const { signals = 1 } = options
  if (signals > 1) {
    await running.printed('draining')
    running.signal('SIGTERM')
  }
  const signalledMs = performance.now()
  const finished = await running.finished
  const tookMs = performance.now() - signalledMs
  const call = network.calls.find((one) => one.to === to)
  // Whatever the stage: nothing goes on at Twilio or at the speech service once the process is gone.
  const deadlineMs = performance.now() + 5000
  while ((async.connections > 0 || goesOn(to)) && performance.now() < deadlineMs)
    await new Promise((resolve) => setTimeout(resolve, 20))
  expect([goesOn(to), async.connections]).toEqual([false, 0])
  return { ...finished, call, phone, tookMs }
}

describe('SIGTERM', () => {
  test('SIGTERM with nothing to do: the process exits 0', async () => {
    const running = start(['node', 'src/main.ts'], await emulators.settings())
    await running.printed('callbridge listens')
    running.signal('SIGTERM')
    expect((await running.finished).code).toBe(0)
  })

  test('SIGTERM while dialling: the call is hung up when the drain time is over, 0', async () => {
    const { code, stdout, call, phone, tookMs } = await stoppedAt('event dialling', { answerMs: 60_000, drainMs: 0 })
    expect(stdout).toContain('outcome canceled server-stopped')
    expect([phone.heardMs, tookMs < 20_000]).toEqual([0, true])
    expect([code, call === undefined || call.status === 'canceled']).toEqual([0, true])
  })

  test('SIGTERM while the phone rings: the call is hung up when the drain time is over, 0', async () => {
    const { code, stdout, call, phone, tookMs } = await stoppedAt('event ringing', { answerMs: 60_000, drainMs: 300 })
    expect(stdout).toContain('outcome canceled server-stopped')
    expect([phone.heardMs, tookMs < 20_000]).toEqual([0, true])
    expect([code, call?.status]).toEqual([0, 'canceled'])
  })

  test('SIGTERM while speaking: the flow is finished, 0', async () => {
    const { code, stdout, call, phone, tookMs } = await stoppedAt('event first-audio', { answerMs: 0, drainMs: 60_000 })
    expect(stdout).toContain('outcome heard completed')
    const spoken = async.spoken.filter((one) => one.transcript.includes(text)).at(-1)?.audio ?? Buffer.alloc(1)
    expect(Buffer.compare(Buffer.from(phone.heard), Buffer.from(spoken))).toBe(0)
    expect(tookMs).toBeLessThan(30_000)
    expect([code, call?.status]).toEqual([0, 'completed'])
  })

  test('SIGTERM while speaking, and no time: the last sentence is heard, 0', async () => {
    const { code, stdout, call, phone, tookMs } = await stoppedAt('event progress', { answerMs: 0, drainMs: 200 })
    expect(tookMs).toBeLessThan(200 + 10_000 + 10_000)
    expect(stdout).toContain('outcome partly-heard server-stopped')
    const last = async.spoken.filter((one) => one.transcript.includes(sentence)).at(-1)?.audio ?? Buffer.alloc(1)
    expect(Buffer.compare(Buffer.from(phone.heard).subarray(-last.length), Buffer.from(last))).toBe(0)
    expect([code, call?.status, call?.streams[0]?.closeCode]).toEqual([0, 'completed', 1001])
  })

  test('a second signal ends the process at once, 1', async () => {
    const { code, tookMs, call, phone } = await stoppedAt('event first-audio', {
      answerMs: 0,
      drainMs: 60_000,
      signals: 2,
    })
    expect(code).toBe(1)
    expect(tookMs).toBeLessThan(3000)
    // The stream broke off, and Twilio ran on to the end of its TwiML.
    await phone.ended
    expect(call?.status).toBe('completed')
  })
})
