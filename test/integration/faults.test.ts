import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/call/outcome.ts'
import type { CallRecords } from '../../src/call/records.ts'
import { BridgeError } from '../../src/errors.ts'
import { createMemoryRecords } from '../../src/store/memory-records.ts'
import type { AsyncBehaviour } from '../../src/simulator/async/behaviour.ts'
import type { NetworkBehaviour } from '../../src/simulator/phone-network/behaviour.ts'
import type { RestAnswer } from '../../src/simulator/phone-network/rest/answer.ts'
import type { Phone } from '../../src/simulator/phone-network/phone/phone.ts'
import { startWorld, type World } from '../world.ts'

const to = '+15551230001'
const text = 'This is the first sentence. This is the second sentence. And this is the third one.'

interface Result {
  readonly outcome: Outcome
  readonly world: World
  readonly phone: Phone
}

/** One call under the given behaviours. Whatever went wrong: nothing may be left open a second later. */
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
  const outcome = await world.until(call.outcome)
  await world.clock.advance(1000)
  expect(world.app.calls()).toEqual([])
  expect(world.async.connections).toBe(0)
  expect(call.signal.aborted).toBe(true)
  await check({ outcome, world, phone })
}

/** Creating a call meets `answer`; every other request is answered. */
function onCreate(answer: RestAnswer): Partial<NetworkBehaviour> {
  return {
    rest: ({ method, path }) => (method === 'POST' && path.endsWith('/Calls.json') ? answer : { kind: 'normal' }),
  }
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
    await callUnder({ network: onCreate(answer) }, ({ outcome, world }) => {
      expect(outcome).toMatchObject(heard)
      expect(world.network.calls).toHaveLength(1)
    })
  })

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
  })

  test('the create is refused with 429 for a while: dialled once, and heard', async () => {
    let refusals = 0
    const busy: RestAnswer = { kind: 'status', status: 429, body: 'json', processed: false, code: 20_429 }
    const rest: NetworkBehaviour['rest'] = ({ method, path }) =>
      method === 'POST' && path.endsWith('/Calls.json') && refusals++ < 2 ? busy : { kind: 'normal' }
    await using world = await startWorld({ network: { behaviour: { rest } }, real: true })
    world.network.phone(to, { answer: { afterMs: 0 } })
    expect(await world.dial(to, 'Short.').outcome).toMatchObject({ status: 'heard', reason: 'completed' })
    expect([refusals, world.network.calls.length]).toEqual([3, 1])
  })

  test('a callback comes before the answer to the create: the call is taken over by it, and heard', async () => {
    await callUnder({ network: onCreate({ kind: 'late', delayMs: 8000 }) }, ({ outcome, world }) => {
      expect(outcome).toMatchObject(heard)
      expect(world.network.calls).toHaveLength(1)
    })
  })

  test('the hang-up is refused: the outcome is told all the same', async () => {
    const refused: RestAnswer = { kind: 'status', status: 500, body: 'json', processed: false }
    const rest: NetworkBehaviour['rest'] = ({ method, path }) =>
      method === 'POST' && !path.endsWith('/Calls.json') ? refused : { kind: 'normal' }
    await callUnder({ network: { rest, statusCallbackLoss: 'all' } }, ({ outcome }) =>
      expect(outcome).toMatchObject(heard),
    )
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
  test.each(cases)('%j: the call is heard, once', async (network) => {
    await callUnder({ network }, ({ outcome, phone }) => {
      expect(outcome).toMatchObject(heard)
      expect(phone.heardMs).toBe(outcome.heardMs)
    })
  })

  test('nobody answers and every callback is lost: Twilio is asked what became of the call', async () => {
    await using world = await startWorld({ network: { behaviour: { statusCallbackLoss: 'all' } } })
    world.network.phone(to, { answer: 'no-answer' })
    const outcome = await world.until(world.dial(to, text, { ringMs: 10_000 }).outcome)
    expect(outcome).toMatchObject({ status: 'no-answer', reason: 'no-answer' })
  })
})

describe('the media stream fails', () => {
  test('it never opens: the outcome says so after fifteen seconds, and the call is ended', async () => {
    await callUnder({ network: { streamOpening: 'never' } }, ({ outcome, world }) => {
      expect(outcome).toMatchObject({ status: 'failed', reason: 'stream-never-opened', heardMs: 0 })
      expect(outcome.error?.code).toMatch(/^stream\./)
      expect(world.network.calls[0]?.status).toBe('completed')
    })
  })

  test('a trial account strips it: the outcome says what to do', async () => {
    await callUnder({ network: { trial: true, verifiedNumbers: [to] } }, ({ outcome }) => {
      expect(outcome).toMatchObject({ status: 'failed', reason: 'stream-never-opened' })
      expect(outcome.error).toMatchObject({ code: 'stream.stripped' })
      expect(outcome.error?.message).toContain('rial')
    })
  })

  test('it breaks off mid-word: partly heard, and lost is lost', async () => {
    await callUnder({ network: { loseStreamAfterMs: 3000 } }, ({ outcome, phone }) => {
      expect(outcome).toMatchObject({ status: 'partly-heard', reason: 'stream-lost', error: { code: 'stream.lost' } })
      expect(outcome.heardText).toBe('This is the first sentence.')
      expect(outcome.heardMs).toBeLessThanOrEqual(phone.heardMs)
    })
  })

  test.each([{ sendStop: false }, { closeAfterStop: false }])(
    'one of stop and close is missing at a hang-up (%j)',
    async (network) => {
      await using world = await startWorld({ network: { behaviour: network } })
      const phone = world.network.phone(to, { hangUp: { afterHeardMs: 2500 } })
      const outcome = await world.until(world.dial(to, text).outcome)
      await world.until(phone.ended)
      expect(outcome).toMatchObject({ status: 'partly-heard', reason: 'callee-hung-up' })
    },
  )

  test('Twilio reads nothing: the end is never confirmed, and the outcome claims nothing', async () => {
    await callUnder({ network: { pauseReading: true } }, ({ outcome }) => {
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
      world.network.phone(to, { answer: { afterMs: 30_000 } })
      const outcome = await world.until(world.dial(to, text).outcome)
      expect(outcome).toMatchObject({ status: 'failed', reason: 'speech-failed', heardMs: 0 })
      expect(outcome.error?.message).toMatch(/ASYNC_API_KEY|key/)
      expect(JSON.stringify(outcome)).not.toContain('sk_not_the_right_one')
      expect(world.network.calls.map((call) => call.status)).toEqual(['canceled'])
    },
  )

  test('it breaks off mid-sentence: what was spoken is heard out, and Twilio says the rest itself', async () => {
    const incidents = [{ at: 'audio', nth: 7, what: { kind: 'drop', reset: true } }] as const
    await callUnder({ async: { incidents } }, ({ outcome, phone }) => {
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
    await callUnder({ async: { incidents } }, ({ outcome }) => expect(outcome).toMatchObject(heard))
  })

  test('it falls silent: Twilio says all of it itself, and the call does not stay open', async () => {
    const incidents = [{ at: 'transcript', nth: 1, what: { kind: 'stall' } }] as const
    await callUnder({ async: { incidents } }, ({ outcome, phone, world }) => {
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
    await callUnder({ async: behaviour }, ({ outcome, world, phone }) => {
      expect(outcome).toMatchObject(heard)
      const produced = Buffer.concat(world.async.spoken.map((one) => one.audio))
      expect(Buffer.compare(Buffer.from(phone.heard), produced)).toBe(0)
      expect(world.async.faults).toEqual([])
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

test('the clock jumps by an hour in the middle of a call: all is heard, and nothing runs out', async () => {
  await using world = await startWorld({ real: true })
  world.network.phone(to, { answer: { afterMs: 0 } })
  const call = world.dial(to, 'Short enough.')
  await call.streaming
  const now = Date.now
  try {
    for (const jumpMs of [3_600_000, -7_200_000]) {
      Date.now = () => now() + jumpMs
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    const outcome = await call.outcome
    expect(outcome).toMatchObject({ status: 'heard', reason: 'completed' })
    expect(Date.parse(outcome.endedAt) - Date.parse(outcome.startedAt)).toBeLessThan(60_000)
    expect(outcome.endedAt > outcome.startedAt).toBe(true)
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
    expect(outcome).toMatchObject(heard)
    expect(world.app.readiness.missing()).toContain('records')
  })
})
