import { describe, expect, test } from 'vitest'
import { callee, setScene } from './bridge.ts'
import { refusal } from './refusal.ts'

const hold = '<Response><Pause length="60"/></Response>'
const detect = { machineDetection: 'Enable' }
const outOfRange = [
  [21_234, { ...detect, machineDetectionTimeout: 2 }],
  [21_234, { ...detect, machineDetectionTimeout: 60 }],
  [21_234, { ...detect, machineDetectionSpeechThreshold: 999 }],
  [21_234, { ...detect, machineDetectionSpeechThreshold: 6001 }],
  [21_234, { ...detect, machineDetectionSpeechEndThreshold: 499 }],
  [21_234, { ...detect, machineDetectionSpeechEndThreshold: 5001 }],
  [21_234, { ...detect, machineDetectionSilenceTimeout: 1999 }],
  [21_234, { ...detect, machineDetectionSilenceTimeout: 10_001 }],
  [21_234, { ...detect, asyncAmd: 'yes' }],
  [21_234, { ...detect, asyncAmd: 'true', asyncAmdStatusCallback: 'here' }],
  [21_209, { ...detect, asyncAmdStatusCallbackMethod: 'PUT' }],
  [21_208, { timeout: 0 }],
  [21_208, { timeLimit: 0 }],
  [21_208, { timeLimit: 86_401 }],
  [21_209, { statusCallback: 'http://127.0.0.1/', statusCallbackMethod: 'PATCH' }],
  [21_205, { fallbackUrl: 'ftp://127.0.0.1/' }],
  [21_209, { fallbackUrl: 'http://127.0.0.1/', fallbackMethod: 'HEAD' }],
  [21_206, { sendDigits: '1'.repeat(33) }],
] as const

test.each(outOfRange)('a create is refused with %i for %j', async (code, options) => {
  const { client, clock, from, network } = await setScene()
  const error = await clock.runUntil(refusal(client.calls.create({ to: callee, from, twiml: hold, ...options })))
  expect(error).toMatchObject({ code, status: 400 })
  expect(network.calls).toHaveLength(0)
})

test.each([
  { ...detect, machineDetectionTimeout: 3, machineDetectionSpeechThreshold: 1000 },
  { ...detect, machineDetectionTimeout: 59, machineDetectionSpeechThreshold: 6000 },
  { ...detect, machineDetectionSpeechEndThreshold: 500, machineDetectionSilenceTimeout: 2000 },
  { ...detect, machineDetectionSpeechEndThreshold: 5000, machineDetectionSilenceTimeout: 10_000 },
  { timeout: 600, timeLimit: 86_400, asyncAmd: 'false', sendDigits: '0123456789ABCD#*wW'.padEnd(32, '1') },
])('a create is accepted at the bounds: %j', async (options) => {
  const { dial } = await setScene()
  expect(await dial({ twiml: hold, ...options })).toMatch(/^CA/)
})

test('21214: a number that cannot be reached', async () => {
  const { client, clock, from } = await setScene({ behaviour: { unreachableNumbers: ['+1415555'] } })
  expect(await clock.runUntil(refusal(client.calls.create({ to: callee, from, twiml: hold })))).toMatchObject({
    code: 21_214,
    status: 400,
  })
})

describe('a queue of a day', () => {
  // One call in 40,000 s: the third waits 80,000 s, a fourth would wait 120,000 s.
  const behaviour = { callsPerSecond: 1 / 40_000 }
  const daySeconds = 86_400

  test('22005: a call that would wait longer is refused', async () => {
    const { client, clock, dial, from, network } = await setScene({ behaviour })
    for (let i = 0; i < 3; i++) await dial({ twiml: hold })
    await clock.advance(1000)
    const fourth = refusal(client.calls.create({ to: callee, from, twiml: hold }))
    expect(await clock.runUntil(fourth)).toMatchObject({ code: 22_005, status: 400 })
    await clock.advance(40_000_000)
    expect(await dial({ twiml: hold })).toMatch(/^CA/)
    expect(network.calls.map((call) => call.status)).toEqual(['no-answer', 'ringing', 'queued', 'queued'])
  })

  test('a call that has waited for a day, because the rate fell, is cancelled without a callback', async () => {
    const { bridge, clock, dial, network } = await setScene({ behaviour })
    for (let i = 0; i < 3; i++) await dial({ statusCallback: `${bridge.url}/status`, twiml: hold })
    await clock.advance(0)
    network.behaviour.callsPerSecond = 1 / 100_000
    await clock.advance((daySeconds - 1) * 1000)
    expect(network.calls[2]?.status).toBe('queued')
    await clock.advance(1000)
    expect(network.calls[2]).toMatchObject({ status: 'canceled', dialledAtMs: undefined })
    await clock.advance(daySeconds * 1000)
    expect(network.calls.map((call) => call.status)).toEqual(['no-answer', 'no-answer', 'canceled'])
    expect(bridge.of('/status').map((callback) => callback.body.get('CallStatus'))).toEqual(['no-answer', 'no-answer'])
  })
})

describe('the longest duration', () => {
  const long = '<Response><Pause length="3600"/></Response>'

  test('13805: ten minutes on a trial account, whatever was asked for', async () => {
    const { clock, dial, network } = await setScene({ behaviour: { trial: true, verifiedNumbers: [callee] } })
    const phone = network.phone(callee)
    await dial({ twiml: long, timeLimit: 3600 })
    await clock.runUntil(phone.ended)
    const call = network.calls[0]
    expect((call?.endedAtMs ?? 0) - (call?.answeredAtMs ?? 0)).toBe(600_000)
    expect(network.faults).toMatchObject([{ code: 13_805, level: 'error' }])
  })

  test('a shorter limit counts on a trial account too', async () => {
    const { clock, dial, network } = await setScene({ behaviour: { trial: true, verifiedNumbers: [callee] } })
    const phone = network.phone(callee)
    await dial({ twiml: long, timeLimit: 60 })
    await clock.runUntil(phone.ended)
    expect(network.faults).toMatchObject([{ code: 32_015 }])
  })

  test.each([
    ['shorter', 100, 20, 20_000],
    ['longer', 20, 100, 100_000],
    ['already over', 100, 5, 10_000],
  ])('an update can make it %s, counted from the answer', async (_what, first, second, lastedMs) => {
    const { client, clock, dial, network } = await setScene()
    const phone = network.phone(callee, { answer: { afterMs: 0 } })
    const sid = await dial({ twiml: long, timeLimit: first })
    await clock.advance(10_300)
    await clock.runUntil(client.calls(sid).update({ timeLimit: second }))
    await clock.runUntil(phone.ended)
    const call = network.calls[0]
    expect((call?.endedAtMs ?? 0) - (call?.answeredAtMs ?? 0)).toBe(lastedMs)
    expect(network.faults).toMatchObject([{ code: 32_015 }])
  })

  test('an update before the answer sets the limit too, and a bad one is refused', async () => {
    const { client, clock, dial, network } = await setScene()
    const phone = network.phone(callee)
    const sid = await dial({ twiml: long })
    const bad = refusal(client.calls(sid).update({ timeLimit: 86_401 }))
    expect(await clock.runUntil(bad)).toMatchObject({ code: 21_208 })
    await clock.runUntil(client.calls(sid).update({ timeLimit: 7 }))
    await clock.runUntil(phone.ended)
    const call = network.calls[0]
    expect((call?.endedAtMs ?? 0) - (call?.answeredAtMs ?? 0)).toBe(7000)
  })
})

describe('requests that are none', () => {
  async function ask(method: string, path: string, body?: string) {
    const { network } = await setScene()
    const { sid, authToken } = network.account
    const authorization = `Basic ${Buffer.from(`${sid}:${authToken}`).toString('base64')}`
    const init = { method, headers: { authorization }, ...(body === undefined ? {} : { body }) }
    const response = await fetch(`${network.url}/2010-04-01/Accounts/${sid}${path}`, init)
    return { status: response.status, body: await response.json() }
  }

  test('20004: a method that a path does not know', async () => {
    expect(await ask('PUT', '/Calls.json', '')).toMatchObject({ status: 405, body: { code: 20_004, status: 405 } })
  })

  test('20004: a method that a call does not know', async () => {
    const { clock, dial, network } = await setScene()
    const { sid, authToken } = network.account
    const call = await dial({ twiml: hold })
    const url = `${network.url}/2010-04-01/Accounts/${sid}/Calls/${call}.json`
    const authorization = `Basic ${Buffer.from(`${sid}:${authToken}`).toString('base64')}`
    const response = await clock.runUntil(fetch(url, { method: 'PUT', headers: { authorization } }))
    expect([response.status, await response.json()]).toMatchObject([405, { code: 20_004 }])
  })

  test('413: a body of more than a megabyte', async () => {
    const body = `To=${'1'.repeat(1_100_000)}`
    expect(await ask('POST', '/Calls.json', body)).toMatchObject({ status: 413, body: { code: 413 } })
  })

  test('20001: an update to a status that nobody can set', async () => {
    const { client, clock, dial, network } = await setScene()
    const sid = await dial({ twiml: hold })
    const status = 'paused' as 'completed'
    const error = await clock.runUntil(refusal(client.calls(sid).update({ status })))
    expect(error).toMatchObject({ code: 20_001, status: 400 })
    expect(network.calls[0]?.status).not.toBe('paused')
  })
})
