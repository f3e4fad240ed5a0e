import twilio from 'twilio'
import { expect, test } from 'vitest'
import type { NetworkBehaviour } from '../../../../src/simulator/phone-network/behaviour.ts'
import type { PhoneScript } from '../../../../src/simulator/phone-network/phone/script.ts'
import { callee, setScene, type WebhookSeen } from './bridge.ts'

const say = '<Response><Pause length="3"/></Response>'
const every = ['initiated', 'ringing', 'answered', 'completed']

async function callWith(behaviour: Partial<NetworkBehaviour>, events = every, script: PhoneScript = {}) {
  const scene = await setScene({ behaviour })
  const phone = scene.network.phone(callee, script)
  const options = { statusCallback: `${scene.bridge.url}/status`, statusCallbackEvent: events, twiml: say }
  await scene.dial(options)
  await scene.clock.runUntil(phone.ended)
  await scene.clock.advance(5000)
  return { ...scene, phone, callbacks: scene.bridge.of('/status') }
}

const statuses = (callbacks: WebhookSeen[]) => callbacks.map((callback) => callback.body.get('CallStatus'))

test('the events asked for are told in order, signed, with sequence numbers and times', async () => {
  const { bridge, callbacks, network } = await callWith({})
  expect(statuses(callbacks)).toEqual(['initiated', 'ringing', 'in-progress', 'completed'])
  expect(callbacks.map((callback) => callback.body.get('SequenceNumber'))).toEqual(['0', '1', '2', '3'])
  expect(callbacks[0]?.body.get('Timestamp')).toBe('Mon, 05 Jan 2026 12:00:00 +0000')
  expect(callbacks[1]?.body.get('StirStatus')).toBe('B')
  for (const { body, headers } of callbacks) {
    const signature = String(headers['x-twilio-signature'])
    const parameters = Object.fromEntries(body)
    expect(twilio.validateRequest(network.account.authToken, signature, `${bridge.url}/status`, parameters)).toBe(true)
    expect(body.get('CallbackSource')).toBe('call-progress-events')
    expect(body.get('Direction')).toBe('outbound-api')
    expect(body.has('ToZip')).toBe(true)
  }
})

test('the terminal callback tells durations and the SIP code', async () => {
  const { callbacks } = await callWith({})
  expect(Object.fromEntries(callbacks[3]?.body ?? [])).toMatchObject({
    CallDuration: '3',
    Duration: '1',
    SipResponseCode: '200',
  })
})

test('only events asked for are told; without any, only the end', async () => {
  expect(statuses((await callWith({}, ['answered'])).callbacks)).toEqual(['in-progress'])
  expect(statuses((await callWith({}, [])).callbacks)).toEqual(['completed'])
})

test.each([
  ['busy', 'busy', '486'],
  ['no-answer', 'no-answer', '487'],
  ['failed', 'failed', '404'],
] as const)('a phone that is %s ends the call as %s with SIP %s', async (answer, status, sip) => {
  const { callbacks, network } = await callWith({}, ['completed'], { answer })
  expect(network.calls[0]?.status).toBe(status)
  expect(callbacks[0]?.body.get('CallStatus')).toBe(status)
  expect(callbacks[0]?.body.get('SipResponseCode')).toBe(sip)
  expect(callbacks[0]?.body.get('CallDuration')).toBe('0')
})

test('a number without a phone rings until the timeout, or is unreachable', async () => {
  for (const [unregisteredNumbers, status] of [
    ['no-answer', 'no-answer'],
    ['unreachable', 'failed'],
  ] as const) {
    const { clock, dial, network } = await setScene({ behaviour: { unregisteredNumbers } })
    await dial({ twiml: say, timeout: 20 })
    await clock.advance(20_000)
    await clock.advance(301)
    expect(network.calls[0]?.status).toBe(status)
  }
})

test('callbacks can come in reverse', async () => {
  const { callbacks } = await callWith({ statusCallbackOrder: 'reversed' })
  expect(statuses(callbacks)).toEqual(['completed', 'in-progress', 'ringing', 'initiated'])
})

test('callbacks can come more than once', async () => {
  const { callbacks } = await callWith({ statusCallbackCopies: 2 }, ['ringing', 'completed'])
  expect(statuses(callbacks)).toEqual(['ringing', 'ringing', 'completed', 'completed'])
})

test('callbacks can be lost: all, the last, or chosen ones', async () => {
  expect((await callWith({ statusCallbackLoss: 'all' })).callbacks).toHaveLength(0)
  const last = await callWith({ statusCallbackLoss: 'terminal' })
  expect(statuses(last.callbacks)).toEqual(['initiated', 'ringing', 'in-progress'])
  const some = await callWith({ statusCallbackLoss: ({ callStatus }) => callStatus === 'ringing' })
  expect(statuses(some.callbacks)).toEqual(['initiated', 'in-progress', 'completed'])
})

test('callbacks can come late', async () => {
  const delay = ({ callStatus }: { callStatus: string }) => (callStatus === 'ringing' ? 10_000 : 0)
  const { clock, callbacks, bridge } = await callWith({ statusCallbackDelayMs: delay })
  expect(statuses(callbacks)).toEqual(['initiated', 'in-progress', 'completed'])
  await clock.advance(10_000)
  expect(bridge.of('/status').at(-1)?.body.get('CallStatus')).toBe('ringing')
})

test('a call cancelled while it is queued sends no callback at all', async () => {
  const { bridge, client, clock, dial } = await setScene({ behaviour: { callsPerSecond: 0.1 } })
  await dial({ twiml: say, to: '+14155550199' })
  const sid = await dial({ statusCallback: `${bridge.url}/status`, statusCallbackEvent: every, twiml: say })
  await clock.runUntil(client.calls(sid).update({ status: 'canceled' }))
  await clock.advance(60_000)
  expect(bridge.of('/status')).toHaveLength(0)
})

test('a call cancelled while it rings tells the end', async () => {
  const { bridge, client, clock, dial, network } = await setScene()
  network.phone(callee)
  const sid = await dial({ statusCallback: `${bridge.url}/status`, twiml: say })
  await clock.advance(500)
  await clock.runUntil(client.calls(sid).update({ status: 'canceled' }))
  await clock.advance(100)
  expect(bridge.of('/status')[0]?.body.get('CallStatus')).toBe('canceled')
})

test('a status callback that is answered with an error becomes the warning 15003, and is not repeated', async () => {
  const scene = await setScene()
  const phone = scene.network.phone(callee)
  scene.bridge.answers.set('/status', (_request, response) => void response.writeHead(500).end())
  await scene.dial({ statusCallback: `${scene.bridge.url}/status`, twiml: say })
  await scene.clock.runUntil(phone.ended)
  await scene.clock.advance(1000)
  expect(scene.network.faults).toMatchObject([{ code: 15_003, level: 'warning' }])
  expect(scene.bridge.of('/status')).toHaveLength(1)
})

test('the time limit ends a call', async () => {
  const { clock, dial, network } = await setScene()
  const phone = network.phone(callee)
  await dial({ twiml: '<Response><Pause length="60"/></Response>', timeLimit: 10 })
  await clock.runUntil(phone.ended)
  expect(network.calls[0]).toMatchObject({ status: 'completed' })
  expect(network.faults).toMatchObject([{ code: 32_015 }])
})
