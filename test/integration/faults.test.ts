import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/call/outcome.ts'
import type { CallRecords } from '../../src/call/records.ts'
import { BridgeError } from '../../src/errors.ts'
import { createMemoryRecords } from '../../src/store/memory-records.ts'
import type { AsyncBehaviour } from '../../src/simulator/async/behaviour.ts'
import type { NetworkBehaviour } from '../../src/simulator/phone-network/behaviour.ts'
import type { RestAnswer } from '../../src/simulator/phone-network/rest/answer.ts'
import type { Phone } from '../../src/simulator/phone-network/phone/phone.ts'
import { leftOf, nothing } from '../left-behind.ts'
import { startWorld, type World } from '../world.ts'

const to = '+15551230001'
const text = 'This is the first sentence. This is the second sentence. And this is the third one.'

interface Result {
  readonly outcome: Outcome
  readonly world: World
  readonly phone: Phone
  /** From dialling to the outcome. */
  readonly tookMs: number
}

/** One call under the given behaviours. Whatever went wrong: nothing may be left open soon after. */
async function callUnder(
  behaviour: { network?: Partial<NetworkBehaviour>; async?: Partial<AsyncBehaviour>; ringMs?: number },
  check: (result: Result) => void | Promise<void>,
): Promise<void> {
  await using world = await startWorld({
    network: { behaviour: behaviour.network ?? {} },
    async: { behaviour: behaviour.async ?? {} },
  })
  const phone = world.network.phone(to)
  const call = world.dial(to, text, behaviour.ringMs === undefined ? {} : { ringMs: behaviour.ringMs })
  const beganMs = world.clock.now()
  const outcome = await world.until(call.outcome)
  const tookMs = world.clock.now() - beganMs
  await world.clock.advance(1000)
  expect(world.app.calls()).toEqual([])
  expect(world.async.connections).toBe(0)
  expect(call.signal.aborted).toBe(true)
  await check({ outcome, world, phone, tookMs })
  // Callbacks may come late, and a call that we were not let end ends by its TwiML.
  await world.clock.advance(30_000)
  expect(leftOf(world)).toEqual(nothing)
}

/** Creating a call meets `answer`; every other request is answered. */
function onCreate(answer: RestAnswer): Partial<NetworkBehaviour> {
  return {
    rest: ({ method, path }) => (method === 'POST' && path.endsWith('/Calls.json') ? answer : { kind: 'normal' }),
  }
}

/** The callee heard every word, once, and the outcome claims no more and no less, soon after the last one. */
function heardWhole({ outcome, phone, world, tookMs }: Result, withinMs = 20_000): void {
  expect(outcome).toMatchObject(heard)
  const produced = Buffer.concat(world.async.spoken.map((one) => one.audio))
  expect(Buffer.compare(Buffer.from(phone.heard), produced)).toBe(0)
  expect([outcome.heardMs, outcome.sentMs]).toEqual([phone.heardMs, phone.heardMs])
  expect(tookMs).toBeLessThanOrEqual(withinMs)
  expect(world.network.calls.map((call) => call.status)).toEqual(['completed'])
}

/** Nobody was spoken to, and the outcome claims nothing. */
function heardNothing({ outcome, phone, tookMs }: Result, withinMs: number): void {
  expect([phone.heardMs, outcome.heardMs, outcome.heardText]).toEqual([0, 0, ''])
  expect(tookMs).toBeLessThanOrEqual(withinMs)
}

const heard = { status: 'heard', reason: 'completed', heardText: text, error: null }

describe('Twilio’s REST API fails', () => {
  const lost: RestAnswer[] = [
    { kind: 'no-answer', processed: true },
    { kind: 'reset', processed: true },
    { kind: 'late', delayMs: 30_000 },
    { kind: 'status', status: 500, body: 'html', processed: true },
    { kind: 'status', status: 503, body: 'empty', processed: true },
  ]
  test.each(lost)('the answer to a create is lost ($kind $status): dialled once, and heard', async (answer) => {
    await callUnder({ network: onCreate(answer) }, (result) => heardWhole(result))
  })

  test.each([500, 503])(
    'a create fails inside Twilio and was not carried out (%i): nobody is dialled',
    async (status) => {
      const failed: RestAnswer = { kind: 'status', status, body: 'empty', processed: false }
      await callUnder({ network: onCreate(failed) }, (result) => {
        heardNothing(result, 10_000)
        // It may have been carried out, for all that the answer tells.
        expect(result.outcome).toMatchObject({
          status: 'failed',
          reason: 'refused',
          error: { code: 'twilio.create-unknown' },
        })
        expect(result.world.network.calls).toEqual([])
      })
    },
  )

  test('a create that was not carried out and not answered: nobody is dialled, and that is said', async () => {
    await using world = await startWorld({
      network: { behaviour: onCreate({ kind: 'no-answer', processed: false }) },
      restTimeoutMs: 200,
    })
    // The client's time-out runs in the machine's time; until then simulated time stands.
    setTimeout(world.clock.hold(), 600)
    const outcome = await world.until(world.dial(to, text).outcome)
    expect(outcome).toMatchObject({ status: 'failed', reason: 'refused', error: { code: 'twilio.create-unknown' } })
    expect(world.network.calls).toHaveLength(0)
    expect(leftOf(world)).toEqual(nothing)
  })

  test('a call that was given up and turns up later is ended, and never spoken into', async () => {
    await using world = await startWorld({
      network: {
        behaviour: { ...onCreate({ kind: 'no-answer', processed: true }), listLagMs: 60_000, postDialDelayMs: 20_000 },
      },
      restTimeoutMs: 200,
    })
    world.network.phone(to)
    setTimeout(world.clock.hold(), 600)
    world.network.behaviour.statusCallbackLoss = ({ callStatus }) => callStatus === 'initiated'
    const call = world.dial(to, text)
    const outcome = await world.until(call.outcome)
    expect(outcome.error?.code).toBe('twilio.create-unknown')
    await world.clock.advance(60_000)
    expect(world.network.calls.map((one) => one.status)).toEqual(['canceled'])
    expect(world.async.spoken).toEqual([])
    expect(leftOf(world)).toEqual(nothing)
  })

  test('the create is refused with 429 for a while: dialled once, and heard', async () => {
    let refusals = 0
    const busy: RestAnswer = { kind: 'status', status: 429, body: 'json', processed: false, code: 20_429 }
    const rest: NetworkBehaviour['rest'] = ({ method, path }) =>
      method === 'POST' && path.endsWith('/Calls.json') && refusals++ < 2 ? busy : { kind: 'normal' }
    await using world = await startWorld({ network: { behaviour: { rest } }, real: true })
    world.network.phone(to, { answer: { afterMs: 0 } })
    const began = performance.now()
    expect(await world.dial(to, 'Short.').outcome).toMatchObject({ status: 'heard', reason: 'completed' })
    expect(performance.now() - began).toBeLessThan(20_000)
    expect([refusals, world.network.calls.length]).toEqual([3, 1])
  })

  test('the create is refused with 429 every time: four tries, and the outcome says so', async () => {
    let tries = 0
    const busy: RestAnswer = { kind: 'status', status: 429, body: 'json', processed: false, code: 20_429 }
    const rest: NetworkBehaviour['rest'] = ({ method }) =>
      method === 'POST' && tries++ >= 0 ? busy : { kind: 'normal' }
    await using world = await startWorld({ network: { behaviour: { rest } }, real: true })
    const phone = world.network.phone(to)
    const began = performance.now()
    const outcome = await world.dial(to, text).outcome
    expect(outcome).toMatchObject({
      status: 'failed',
      reason: 'refused',
      error: { code: 'twilio.rejected', retryable: true },
    })
    expect(performance.now() - began).toBeLessThan(20_000)
    expect([tries, phone.heardMs, world.network.calls.length, world.app.calls().length]).toEqual([4, 0, 0, 0])
  })

  test('a callback comes before the answer to the create: the call is taken over by it, and heard', async () => {
    await callUnder({ network: onCreate({ kind: 'late', delayMs: 8000 }) }, (result) => heardWhole(result))
  })

  test('the hang-up is refused: the outcome is told all the same', async () => {
    const refused: RestAnswer = { kind: 'status', status: 500, body: 'json', processed: false }
    const rest: NetworkBehaviour['rest'] = ({ method, path }) =>
      method === 'POST' && !path.endsWith('/Calls.json') ? refused : { kind: 'normal' }
    await callUnder({ network: { rest, statusCallbackLoss: 'all' } }, (result) => heardWhole(result))
  })
})

describe('callbacks fail', () => {
  const cases: Partial<NetworkBehaviour>[] = [
    { statusCallbackLoss: 'all' },
    { statusCallbackLoss: 'terminal' },
    { statusCallbackOrder: 'reversed' },
    { statusCallbackCopies: 3 },
    { statusCallbackDelayMs: 8000 },
  ]
  test.each(cases)(
    'callbacks are lost, late, twice, or out of order (%j): the call is heard, once',
    async (network) => {
      await callUnder({ network }, (result) => heardWhole(result))
    },
  )

  test('nobody answers and every callback is lost: Twilio is asked what became of the call', async () => {
    await using world = await startWorld({ network: { behaviour: { statusCallbackLoss: 'all' } } })
    const phone = world.network.phone(to, { answer: 'no-answer' })
    const beganMs = world.clock.now()
    const outcome = await world.until(world.dial(to, text, { ringMs: 10_000 }).outcome)
    expect(outcome).toMatchObject({ status: 'no-answer', reason: 'no-answer', heardMs: 0 })
    expect(world.clock.now() - beganMs).toBeLessThanOrEqual(31_000)
    expect(phone.heardMs).toBe(0)
    await world.clock.advance(5000)
    expect(leftOf(world)).toEqual(nothing)
  })
})

describe('the media stream fails', () => {
  test('it never opens: the outcome says so after fifteen seconds, and the call is ended', async () => {
    await callUnder({ network: { streamOpening: 'never' } }, (result) => {
      const { outcome, world } = result
      heardNothing(result, 17_000)
      expect(result.tookMs).toBeGreaterThanOrEqual(15_000)
      expect(outcome).toMatchObject({ status: 'failed', reason: 'stream-never-opened', heardMs: 0 })
      expect(outcome.error?.code).toMatch(/^stream\./)
      expect(world.network.calls[0]?.status).toBe('completed')
    })
  })

  test('a trial account strips it: the outcome says what to do', async () => {
    await callUnder({ network: { trial: true, verifiedNumbers: [to] } }, (result) => {
      const { outcome } = result
      heardNothing(result, 17_000)
      expect(outcome).toMatchObject({ status: 'failed', reason: 'stream-never-opened' })
      expect(outcome.error).toMatchObject({ code: 'stream.stripped' })
      expect(outcome.error?.message).toContain('rial')
    })
  })

  test('it breaks off mid-word: partly heard, and lost is lost', async () => {
    await callUnder({ network: { loseStreamAfterMs: 3000 } }, ({ outcome, phone, tookMs }) => {
      expect(phone.heardMs).toBeGreaterThan(2000)
      expect(phone.heardMs).toBeLessThanOrEqual(3000)
      expect(tookMs).toBeLessThanOrEqual(5000)
      expect(outcome).toMatchObject({ status: 'partly-heard', reason: 'stream-lost', error: { code: 'stream.lost' } })
      expect(outcome.heardText).toBe('This is the first sentence.')
      expect(outcome.heardMs).toBeLessThanOrEqual(phone.heardMs)
    })
  })

  async function hangUpUnder(network: Partial<NetworkBehaviour>): Promise<void> {
    await using world = await startWorld({ network: { behaviour: network } })
    const phone = world.network.phone(to, { hangUp: { afterHeardMs: 2500 } })
    const outcome = await world.until(world.dial(to, text).outcome)
    const toldMs = world.clock.now()
    await world.until(phone.ended)
    expect(outcome).toMatchObject({ status: 'partly-heard', reason: 'callee-hung-up', error: null })
    expect(phone.heardMs).toBe(2500)
    expect(outcome.heardMs).toBeLessThanOrEqual(phone.heardMs)
    expect(outcome.heardMs).toBeGreaterThan(2000)
    expect(toldMs - (world.network.calls[0]?.endedAtMs ?? 0)).toBeLessThanOrEqual(2000)
    await world.clock.advance(5000)
    expect(leftOf(world)).toEqual(nothing)
  }

  test('a stop without a close at a hang-up: the call is over with the stop', async () => {
    await hangUpUnder({ closeAfterStop: false, statusCallbackLoss: 'all' })
  })

  test('a close without a stop at a hang-up: the call is over with the close', async () => {
    await hangUpUnder({ sendStop: false, statusCallbackLoss: 'all' })
  })

  test('neither a stop nor a close at a hang-up: the call is over with the callback', async () => {
    await hangUpUnder({ sendStop: false, closeAfterStop: false })
  })

  test('the stream opens, and its start comes too late: the call is ended', async () => {
    await callUnder({ network: { startDelayMs: 20_000 } }, (result) => {
      heardNothing(result, 8000)
      expect(result.outcome).toMatchObject({ status: 'failed', reason: 'stream-never-opened' })
      expect(result.world.app.refusals.counts['no-start']).toBe(1)
    })
  })

  test('Twilio reads nothing: the end is never confirmed, and the outcome claims nothing', async () => {
    await callUnder({ network: { pauseReading: true } }, (result) => {
      const { outcome } = result
      heardNothing(result, 15_000)
      expect(outcome).toMatchObject({ status: 'unheard', reason: 'playback-unconfirmed', heardMs: 0, heardText: '' })
      expect(outcome.sentMs).toBeGreaterThan(1000)
      expect(outcome.error?.code).toBe('playback.unconfirmed')
    })
  })

  const shapes: Partial<NetworkBehaviour>[] = [
    { mediaFormat: 'absent' },
    { mediaFormat: 'null' },
    { extraFields: true, keyOrder: 'reversed' },
    { connectedVersion: '0.2.0', silence: 'mixed', timestampDrift: true, lostFrames: 0.2 },
    { streamSignature: 'trailing-slash' },
    { startDelayMs: 2000 },
  ]
  test.each(shapes)('its messages may look otherwise: %j', async (network) => {
    await callUnder({ network }, ({ outcome, world }) => {
      expect(outcome).toMatchObject(heard)
      expect(world.network.faults).toEqual([])
    })
  })

  test.each([{ customParameters: 'absent' }, { customParameters: 'empty' }] as const)(
    'without the token nobody is spoken to: %j',
    async (network) => {
      await callUnder({ network }, ({ outcome }) => {
        expect(outcome).toMatchObject({ status: 'failed', reason: 'stream-never-opened', sentMs: 0 })
      })
    },
  )

  test.each([{ streamSignature: 'wrong' }, { streamSignature: 'missing' }] as const)(
    'unsigned it is not opened: %j',
    async (network) => {
      await callUnder({ network }, ({ outcome, world }) => {
        expect(outcome).toMatchObject({ status: 'failed', reason: 'stream-never-opened', sentMs: 0 })
        expect(world.network.faults.map((fault) => fault.code)).toContain(31_920)
      })
    },
  )
})

describe('the speech service fails', () => {
  test.each(['http-401', 'close', 'error-frame'] as const)(
    'it refuses the key (%s): nobody hears silence',
    async (badKey) => {
      await using world = await startWorld({
        async: { behaviour: { badKey } },
        settings: { ASYNC_API_KEY: 'sk_not_the_right_one_000' },
      })
      const phone = world.network.phone(to, { answer: { afterMs: 30_000 } })
      const beganMs = world.clock.now()
      const outcome = await world.until(world.dial(to, text).outcome)
      expect(world.clock.now() - beganMs).toBeLessThanOrEqual(10_000)
      await world.clock.advance(1000)
      expect([phone.heardMs, leftOf(world)]).toEqual([0, nothing])
      expect(outcome).toMatchObject({ status: 'failed', reason: 'speech-failed', heardMs: 0 })
      expect(outcome.error?.message).toMatch(/ASYNC_API_KEY|key/)
      expect(JSON.stringify(outcome)).not.toContain('sk_not_the_right_one')
      expect(world.network.calls.map((call) => call.status)).toEqual(['canceled'])
    },
  )

  test.each(['refuse', 'never', { httpStatus: 503 }] as const)(
    'it takes no connection (%j): Twilio says all of it itself',
    async (handshake) => {
      await callUnder({ async: { handshake } }, (result) => {
        expect([result.phone.heardMs, result.tookMs <= 60_000]).toEqual([0, true])
        expect(result.outcome).toMatchObject({
          status: 'heard',
          reason: 'said-by-twilio',
          error: { code: 'speech.unavailable', retryable: true },
        })
        expect(result.phone.said.join(' ')).toBe(text)
        // A service that refuses is left sooner than one that does not answer, of which nothing is known.
        const atMs = (type: string) => result.phone.events.find((event) => event.type === type)?.atMs ?? 0
        expect(atMs('said') - atMs('answered')).toBeLessThanOrEqual(handshake === 'never' ? 10_500 : 3_500)
      })
    },
  )

  test('it is slow: all is heard, with gaps', async () => {
    const slow: Partial<AsyncBehaviour> = { firstAudioDelayMs: 4000, gap: { everyChunks: 2, ms: 1000 } }
    await callUnder({ async: slow }, (result) => heardWhole(result, 60_000))
  })

  test('it breaks off mid-sentence: what was spoken is heard out, and Twilio says the rest itself', async () => {
    const incidents = [{ at: 'audio', nth: 7, what: { kind: 'drop', reset: true } }] as const
    await callUnder({ async: { incidents } }, ({ outcome, phone, tookMs }) => {
      expect(tookMs).toBeLessThanOrEqual(30_000)
      expect(outcome).toMatchObject({ status: 'heard', reason: 'said-by-twilio', error: { code: 'speech.lost' } })
      expect(outcome.heardText).toBe(text)
      expect(outcome.spokenBy).toMatchObject([
        { provider: 'async', sentMs: outcome.sentMs, error: { code: 'speech.lost' } },
        { provider: 'twilio', sentMs: 0, error: null },
      ])
      expect(phone.said.length).toBeGreaterThan(0)
      expect(text.endsWith(phone.said.join(' '))).toBe(true)
      expect(outcome.heardMs).toBe(outcome.sentMs)
      expect(phone.heardMs).toBe(outcome.heardMs)
      expect(outcome.heardMs).toBeGreaterThan(1000)
    })
  })

  test('it breaks off before the first audio: it is asked again, and all is heard', async () => {
    const incidents = [{ at: 'transcript', nth: 1, connection: 1, what: { kind: 'drop', reset: true } }] as const
    await callUnder({ async: { incidents } }, (result) => heardWhole(result))
  })

  test('it falls silent: Twilio says all of it itself, and the call does not stay open', async () => {
    const incidents = [{ at: 'transcript', nth: 1, what: { kind: 'stall' } }] as const
    await callUnder({ async: { incidents } }, (result) => {
      const { outcome, phone, world } = result
      expect([phone.heardMs, result.tookMs <= 60_000]).toEqual([0, true])
      expect(outcome).toMatchObject({ status: 'heard', reason: 'said-by-twilio', heardText: text, heardMs: 0 })
      expect(outcome.error?.code).toMatch(/^speech\./)
      expect(phone.said.join(' ')).toBe(text)
      expect(world.network.calls[0]?.status).toBe('completed')
    })
  })

  const tolerated: Partial<AsyncBehaviour>[] = [
    { final: 'missing' },
    { final: 'early' },
    { final: 'with-last-audio' },
    { final: 'twice' },
    { endOfInput: 'no-final' },
    { initAck: true },
    { initAck: true, contextIds: 'server-only' },
    { contextIdInReplies: false },
    { defaultContextEnd: 'closes-socket' },
    { forcedWhitespace: 'nothing' },
    { chunks: { kind: 'odd' } },
    { chunks: { kind: 'fixed', ms: 20 } },
    { gap: { everyChunks: 2, ms: 1000 } },
    { deliveryRate: Number.POSITIVE_INFINITY },
    { firstAudioDelayMs: 5000 },
    { handshakeDelayMs: 1500 },
  ]
  test.each(tolerated)('it behaves otherwise, and all is heard: %j', async (behaviour) => {
    await callUnder({ async: behaviour }, (result) => {
      heardWhole(result, 60_000)
      expect(result.world.async.faults).toEqual([])
    })
  })

  test('a phone that rings for two minutes: the voice is still there at the answer', async () => {
    await using world = await startWorld()
    const phone = world.network.phone(to, { answer: { afterMs: 120_000 } })
    const outcome = await world.until(world.dial(to, text, { ringMs: 180_000 }).outcome)
    await world.until(phone.ended)
    expect(outcome).toMatchObject(heard)
    expect(world.async.opened).toBe(1)
  })
})

test('the clock jumps forward by an hour and back by two in the middle of a call: all is heard, and nothing runs out', async () => {
  await using world = await startWorld({ real: true })
  const phone = world.network.phone(to, { answer: { afterMs: 0 } })
  const call = world.dial(to, 'Short enough.')
  await call.streaming
  const began = performance.now()
  const now = Date.now
  try {
    for (const jumpMs of [3_600_000, -7_200_000]) {
      Date.now = () => now() + jumpMs
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    const outcome = await call.outcome
    await phone.ended
    expect(performance.now() - began).toBeLessThan(20_000)
    expect(outcome).toMatchObject({ status: 'heard', reason: 'completed', heardMs: phone.heardMs })
    expect(Date.parse(outcome.endedAt) - Date.parse(outcome.startedAt)).toBeLessThan(60_000)
    expect(outcome.endedAt > outcome.startedAt).toBe(true)
    expect([world.app.calls(), world.network.calls.map((one) => one.status)]).toEqual([[], ['completed']])
  } finally {
    Date.now = now
  }
})

describe('the disk fails', () => {
  test('the disk is full: calls are heard all the same, and the server says that it keeps no records', async () => {
    const full: CallRecords = {
      ...createMemoryRecords(),
      healthy: false,
      save: () => Promise.reject(new BridgeError('records.unwritable', 'no space left')),
    }
    await using world = await startWorld({ records: full })
    const phone = world.network.phone(to)
    const outcome = await world.until(world.dial(to, text).outcome)
    await world.until(phone.ended)
    expect(outcome).toMatchObject({ ...heard, heardMs: phone.heardMs })
    expect(world.app.readiness.missing()).toContain('records')
    await world.clock.advance(5000)
    expect(leftOf(world)).toEqual(nothing)
  })
})
