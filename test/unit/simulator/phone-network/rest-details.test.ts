import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { NetworkBehaviour } from '../../../../src/simulator/phone-network/behaviour.ts'
import type { PhoneScript } from '../../../../src/simulator/phone-network/phone/script.ts'
import { callee, setScene } from './bridge.ts'

const hold = '<Response><Pause length="60"/></Response>'
const hello = '<Response><Say>hello</Say></Response>'

test('a call that is being dialled is not cancelled for having waited', async () => {
  const { clock, dial, network } = await setScene({ behaviour: { postDialDelayMs: 5000, queueLimitMs: 1000 } })
  network.phone(callee)
  await dial({ twiml: hold })
  await clock.advance(8000)
  expect(network.calls[0]?.status).toBe('in-progress')
})

describe('lists by date', () => {
  test.each([
    ['StartTime=2026-01-05', 1],
    ['StartTime=2026-01-06', 0],
    ['StartTime<=2026-01-05', 1],
    ['StartTime<=2026-01-04', 0],
    ['StartTime>=2026-01-06', 0],
    ['EndTime=2026-01-05', 0],
  ])('%s finds %i calls of 12 o’clock that day', async (query, count) => {
    const { clock, dial, network } = await setScene()
    await dial({ twiml: hold })
    await clock.advance(1000)
    const { sid, authToken } = network.account
    const url = `${network.url}/2010-04-01/Accounts/${sid}/Calls.json?${query}`
    const authorization = `Basic ${Buffer.from(`${sid}:${authToken}`).toString('base64')}`
    const response = await clock.runUntil(fetch(url, { headers: { authorization } }))
    expect(await response.json()).toMatchObject({ calls: Array.from({ length: count }, () => ({ to: callee })) })
  })
})

describe('an update', () => {
  test('can name a status callback, which tells what comes after', async () => {
    const { bridge, client, clock, dial, network } = await setScene()
    const phone = network.phone(callee)
    const sid = await dial({ twiml: hello })
    await clock.runUntil(client.calls(sid).update({ statusCallback: `${bridge.url}/late` }))
    await clock.runUntil(phone.ended)
    await clock.advance(100)
    expect(bridge.of('/late').map((seen) => seen.body.get('CallStatus'))).toEqual(['completed'])
  })

  test('can name a fallback, which is asked when the new TwiML fails', async () => {
    const { bridge, client, clock, dial, network } = await setScene()
    const phone = network.phone(callee)
    bridge.answers.set('/broken', (_seen, response) => void response.writeHead(500).end())
    bridge.answers.set('/fallback', hello)
    const sid = await dial({ twiml: hold })
    await clock.advance(3000)
    const update = { url: `${bridge.url}/broken`, fallbackUrl: `${bridge.url}/fallback` }
    await clock.runUntil(client.calls(sid).update(update))
    await clock.runUntil(phone.ended)
    expect(phone.said).toEqual(['hello'])
  })
})

describe('the request for TwiML', () => {
  async function callWith(answer: 'never' | Buffer, fragment = '', behaviour: Partial<NetworkBehaviour> = {}) {
    const scene = await setScene({ behaviour: { holdMs: 20, ...behaviour } })
    const phone = scene.network.phone(callee, { answer: { afterMs: 0 } })
    scene.bridge.answers.set('/voice', (_seen, response) => {
      if (answer === 'never') return
      response.writeHead(200, { 'content-type': 'text/xml', 'content-encoding': 'gzip' }).end(answer)
    })
    await scene.dial({ url: `${scene.bridge.url}/voice${fragment}` })
    return { ...scene, phone }
  }
  /** When the apology for a failure began. */
  const failedAfterMs = async ({ clock, network, phone }: Awaited<ReturnType<typeof callWith>>) => {
    await clock.runUntil(phone.ended)
    const said = phone.events.find((event) => event.type === 'said')?.atMs ?? 0
    return said - (network.calls[0]?.answeredAtMs ?? 0)
  }

  test('takes 15 s at most, 5 s on a trial account, and what the fragment says', async () => {
    const trial = { trial: true, verifiedNumbers: [callee] }
    expect(await failedAfterMs(await callWith('never'))).toBe(15_000)
    expect(await failedAfterMs(await callWith('never', '', trial))).toBe(5000)
    expect(await failedAfterMs(await callWith('never', '#tt=2000'))).toBe(2000)
    expect(await failedAfterMs(await callWith('never', '#rt=1000&rc=0'))).toBe(1000)
  })

  test('takes an answer that is zipped', async () => {
    const { clock, network, phone } = await callWith(gzipSync(hello))
    await clock.runUntil(phone.ended)
    expect(phone.said).toEqual(['hello'])
    expect(network.faults).toEqual([])
  })

  test('that is cut off by the end of the network is no fault', async () => {
    const { clock, network } = await callWith('never', '', { holdMs: 1 })
    await clock.advance(1000)
    expect(network.calls[0]?.requests).toHaveLength(1)
    await network.close()
    await new Promise((resolve) => setImmediate(resolve))
    expect(network.faults).toEqual([])
  })
})

describe('detection', () => {
  async function verdict(script: PhoneScript, options: object) {
    const { bridge, clock, dial, network } = await setScene()
    const phone = network.phone(callee, { ...script, hangUp: { afterAnswerMs: 50_000 } })
    await dial({ twiml: hold, statusCallback: `${bridge.url}/status`, ...options })
    await clock.runUntil(phone.ended)
    await clock.advance(100)
    return bridge.of('/status')[0]?.body.get('AnsweredBy')
  }
  const mailbox = (beep: boolean) => ({ answer: { voicemail: { afterMs: 0, greetingMs: 8000, beep } } })

  test.each<[string, PhoneScript, object]>([
    ['human', {}, { machineDetection: 'Enable' }],
    ['machine_start', mailbox(true), { machineDetection: 'Enable' }],
    ['machine_end_beep', mailbox(true), { machineDetection: 'DetectMessageEnd' }],
    ['machine_end_silence', mailbox(false), { machineDetection: 'DetectMessageEnd' }],
    ['unknown', mailbox(true), { machineDetection: 'DetectMessageEnd', machineDetectionTimeout: 7 }],
  ])('the verdict %s stands in the last callback', async (answeredBy, script, options) => {
    expect(await verdict(script, options)).toBe(answeredBy)
  })
})

test('a fault quotes at most 300 characters', async () => {
  const { clock, dial, network } = await setScene()
  const phone = network.phone(callee)
  await dial({ twiml: `<Response><Pause ${'x'.repeat(1000)}="1"/></Response>` })
  await clock.runUntil(phone.ended)
  expect(network.faults).toHaveLength(1)
  expect(network.faults[0]?.message).toHaveLength(300)
})
