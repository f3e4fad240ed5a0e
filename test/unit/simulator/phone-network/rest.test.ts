import twilio from 'twilio'
import { expect, test } from 'vitest'
import { callee, setScene } from './bridge.ts'
import { refusal } from './refusal.ts'

const pause = '<Response><Pause length="60"/></Response>'

test('a created call has the fields of the call resource, and is dialled', async () => {
  const { client, clock, from, network } = await setScene()
  network.phone(callee)
  const call = await clock.runUntil(client.calls.create({ to: callee, from, twiml: pause }))
  expect(call).toMatchObject({ status: 'queued', direction: 'outbound-api', to: callee, from, duration: null })
  expect(call.sid).toMatch(/^CA[0-9a-f]{32}$/)
  expect(call.toFormatted).toBe('(415) 555-0100')
  await clock.advance(1000)
  expect((await clock.runUntil(client.calls(call.sid).fetch())).status).toBe('ringing')
  await clock.advance(2000)
  const live = await clock.runUntil(client.calls(call.sid).fetch())
  expect(live.status).toBe('in-progress')
  expect(live.startTime.getTime()).toBe(Date.UTC(2026, 0, 5, 12))
})

test.each([
  ['21211', { to: 'not a number' }],
  ['21211', { to: '+15005550006' }],
  ['21212', { from: 'not a number' }],
  ['21210', { from: '+14155559999' }],
  ['21205', { url: 'not a url', twiml: '' }],
  ['21205', { twiml: '' }],
  ['21218', { twiml: '', applicationSid: 'AP1' }],
  ['21209', { method: 'DELETE' }],
  ['21208', { timeout: 601 }],
  ['21206', { sendDigits: 'x' }],
  ['21626', { statusCallback: 'http://127.0.0.1/', statusCallbackEvent: ['initiated', 'finished'] }],
  ['21609', { statusCallback: 'http://under_score.example/' }],
  ['21234', { machineDetection: 'Maybe' }],
  ['32018', { twiml: `<Response><Say>${'a'.repeat(4000)}</Say></Response>` }],
])('a create is refused with %s for %j', async (code, options) => {
  const { client, clock, from, network } = await setScene()
  const error = await clock.runUntil(refusal(client.calls.create({ to: callee, from, twiml: pause, ...options })))
  expect(error.code).toBe(Number(code))
  expect(error.status).toBe(400)
  expect(network.calls).toHaveLength(0)
})

test.each([
  ['21215', { geoPermissions: ['+49'] }],
  ['21216', { blockedNumbers: ['+1415'] }],
  ['21219', { trial: true }],
  ['10004', { concurrentCalls: 0 }],
])('a create is refused with %s under %j', async (code, behaviour) => {
  const { client, clock, from } = await setScene({ behaviour })
  const error = await clock.runUntil(refusal(client.calls.create({ to: callee, from, twiml: pause })))
  expect(error.code).toBe(Number(code))
})

test.each([
  ['21201', 'From=%2B15005550006&Twiml=x'],
  ['21213', 'To=%2B14155550100&Twiml=x'],
])('the error body of %s names code, message, more_info and status', async (code, body) => {
  const { network } = await setScene()
  const { sid, authToken } = network.account
  const response = await fetch(`${network.url}/2010-04-01/Accounts/${sid}/Calls.json`, {
    method: 'POST',
    body,
    headers: {
      authorization: `Basic ${Buffer.from(`${sid}:${authToken}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
  })
  expect(response.status).toBe(400)
  expect(await response.json()).toEqual({
    code: Number(code),
    message: expect.any(String),
    more_info: `https://www.twilio.com/docs/errors/${code}`,
    status: 400,
  })
})

test('a wrong token is refused with 20003, an API key is let in', async () => {
  const { clock, network } = await setScene()
  const { apiKeys, sid } = network.account
  const wrong = twilio(sid, 'f'.repeat(32))
  wrong.api.baseUrl = network.url
  expect(await clock.runUntil(refusal(wrong.calls.list()))).toMatchObject({ code: 20003, status: 401 })
  const key = apiKeys[0]
  const right = twilio(key?.sid, key?.secret, { accountSid: sid })
  right.api.baseUrl = network.url
  expect(await clock.runUntil(right.calls.list())).toEqual([])
})

test('a call nobody knows is answered with 20404', async () => {
  const { client, clock } = await setScene()
  expect(await clock.runUntil(refusal(client.calls('CA0').fetch()))).toMatchObject({ code: 20404, status: 404 })
})

test('if Url and Twiml are both given, Url is used and 32019 warns', async () => {
  const { bridge, client, clock, from, network } = await setScene()
  network.phone(callee)
  bridge.answers.set('/voice', '<Response><Say>from the URL</Say></Response>')
  await clock.runUntil(client.calls.create({ to: callee, from, url: `${bridge.url}/voice`, twiml: pause }))
  await clock.advance(3000)
  expect(network.faults).toMatchObject([{ code: 32019, level: 'warning' }])
  expect(bridge.of('/voice')).toHaveLength(1)
})

test('calls beyond the rate wait as queued, and one cancelled while queued is never dialled', async () => {
  const { client, clock, dial, network } = await setScene({ behaviour: { callsPerSecond: 1 } })
  const sids = []
  for (let i = 0; i < 3; i++) sids.push(await dial({ to: `+1415555010${i}`, twiml: pause }))
  await clock.runUntil(client.calls(sids[1] ?? '').update({ status: 'canceled' }))
  await clock.advance(4000)
  expect(network.calls.map((call) => call.dialledAtMs && call.dialledAtMs - Date.UTC(2026, 0, 5, 12))).toEqual([
    0,
    undefined,
    1000,
  ])
})
