import twilio from 'twilio'
import { describe, expect, test } from 'vitest'
import { callee, setScene, tcpServer } from './bridge.ts'

const hello = '<?xml version="1.0" encoding="UTF-8"?><Response><Say>hello</Say></Response>'

test('the request of an answered outbound call has its 25 parameters, signed, and the headers seen live', async () => {
  const { bridge, clock, dial, from, network } = await setScene()
  const phone = network.phone(callee)
  bridge.answers.set('/voice', hello)
  const url = `${bridge.url}/voice?call=a%20b&x='`
  await dial({ url })
  await clock.runUntil(phone.ended)
  const [seen] = bridge.webhooks
  expect(seen?.body.size).toBe(25)
  expect(Object.fromEntries(seen?.body ?? [])).toMatchObject({
    CallStatus: 'in-progress',
    Direction: 'outbound-api',
    To: callee,
    From: from,
    ToCountry: 'US',
    FromZip: '',
  })
  expect(seen?.headers).toMatchObject({
    'user-agent': 'TwilioProxy/1.1',
    accept: '*/*',
    'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
    'x-home-region': 'us1',
    'accept-encoding': 'gzip',
  })
  expect(seen?.headers).not.toHaveProperty('i-twilio-idempotency-token')
  const signature = String(seen?.headers['x-twilio-signature'])
  const parameters = Object.fromEntries(seen?.body ?? [])
  expect(twilio.validateRequest(network.account.authToken, signature, url, parameters)).toBe(true)
  expect(twilio.validateRequest('another token', signature, url, parameters)).toBe(false)
  expect(phone.said).toEqual(['hello'])
})

test('the request of an inbound call has its 27 parameters, while it rings', async () => {
  const { bridge, clock, network } = await setScene()
  bridge.answers.set('/voice', hello)
  const caller = network.dialIn({
    from: '+14155550123',
    voiceUrl: `${bridge.url}/voice`,
    statusCallback: `${bridge.url}/status`,
  })
  await clock.runUntil(caller.ended)
  await clock.advance(100)
  const [seen] = bridge.of('/voice')
  expect(seen?.body.size).toBe(27)
  expect(Object.fromEntries(seen?.body ?? [])).toMatchObject({
    CallStatus: 'ringing',
    Direction: 'inbound',
    To: network.account.numbers[0],
    From: '+14155550123',
    StirVerstat: 'TN-Validation-Passed-A',
  })
  expect(caller.said).toEqual(['hello'])
  expect(bridge.of('/status').map((callback) => callback.body.get('CallStatus'))).toEqual(['completed'])
})

test('GET puts the parameters into the URL, which is what is signed', async () => {
  const { bridge, clock, dial, network } = await setScene()
  const phone = network.phone(callee)
  bridge.answers.set('/voice', hello)
  await dial({ url: `${bridge.url}/voice?a=1`, method: 'GET' })
  await clock.runUntil(phone.ended)
  const [seen] = bridge.webhooks
  expect(seen?.path).toContain('?a=1&AccountSid=')
  const signature = String(seen?.headers['x-twilio-signature'])
  expect(twilio.validateRequest(network.account.authToken, signature, bridge.url + seen?.path, {})).toBe(true)
})

test('a signature can be wrong or missing', async () => {
  const { bridge, clock, dial, network } = await setScene({ behaviour: { webhookSignature: 'wrong' } })
  const phone = network.phone(callee)
  bridge.answers.set('/voice', hello)
  await dial({ url: `${bridge.url}/voice` })
  await clock.runUntil(phone.ended)
  const [seen] = bridge.webhooks
  const signature = String(seen?.headers['x-twilio-signature'])
  const parameters = Object.fromEntries(seen?.body ?? [])
  expect(twilio.validateRequest(network.account.authToken, signature, `${bridge.url}/voice`, parameters)).toBe(false)
})

test('an answer after 15 s is none: 11200, and the caller hears an apology', async () => {
  const { bridge, clock, dial, network } = await setScene({ behaviour: { holdMs: 20 } })
  const phone = network.phone(callee)
  bridge.answers.set('/voice', () => {})
  await dial({ url: `${bridge.url}/voice` })
  await clock.runUntil(phone.ended)
  expect(network.faults).toMatchObject([{ code: 11_200 }])
  expect(phone.said[0]).toContain('application error')
  expect(bridge.of('/voice')).toHaveLength(1)
})

test('when the URL fails, the fallback is asked, and told why', async () => {
  const { bridge, clock, dial, network } = await setScene()
  const phone = network.phone(callee)
  bridge.answers.set('/voice', (_request, response) => void response.writeHead(500).end())
  bridge.answers.set('/fallback', hello)
  await dial({ url: `${bridge.url}/voice`, fallbackUrl: `${bridge.url}/fallback` })
  await clock.runUntil(phone.ended)
  expect(bridge.of('/fallback')[0]?.body.get('ErrorCode')).toBe('11200')
  expect(bridge.of('/fallback')[0]?.body.get('ErrorUrl')).toBe(`${bridge.url}/voice`)
  expect(phone.said).toEqual(['hello'])
})

test('a connection that fails is tried once more, then it is 11205', async () => {
  const { clock, dial, network } = await setScene()
  const phone = network.phone(callee)
  const { server, url } = await tcpServer(() => {})
  await new Promise((resolve) => server.close(resolve))
  await dial({ url: url.replace('ws:', 'http:') })
  await clock.runUntil(phone.ended)
  expect(network.faults).toMatchObject([{ code: 11_205 }])
  expect(network.calls[0]?.requests[0]).toMatchObject({ attempts: 2, status: undefined, error: 11_205 })
})

test('the fragment asks for retries, is not signed, and brings an idempotency token', async () => {
  const { bridge, clock, dial, network } = await setScene()
  const phone = network.phone(callee)
  let failures = 2
  bridge.answers.set('/voice', (_request, response) => {
    if (failures-- > 0) response.writeHead(503).end()
    else response.writeHead(200, { 'content-type': 'application/xml' }).end(hello)
  })
  await dial({ url: `${bridge.url}/voice#rc=3&rp=5xx` })
  await clock.runUntil(phone.ended)
  const seen = bridge.of('/voice')
  expect(seen).toHaveLength(3)
  expect(new Set(seen.map((request) => request.headers['i-twilio-idempotency-token'])).size).toBe(1)
  const signature = String(seen[0]?.headers['x-twilio-signature'])
  const parameters = Object.fromEntries(seen[0]?.body ?? [])
  expect(twilio.validateRequest(network.account.authToken, signature, `${bridge.url}/voice`, parameters)).toBe(true)
  expect(network.faults).toEqual([])
})

test('a redirect is followed with GET, and the form is lost', async () => {
  const { bridge, clock, dial, network } = await setScene()
  const phone = network.phone(callee)
  bridge.answers.set('/voice', (_request, response) => void response.writeHead(302, { location: '/moved' }).end())
  bridge.answers.set('/moved', hello)
  await dial({ url: `${bridge.url}/voice` })
  await clock.runUntil(phone.ended)
  expect(bridge.of('/moved')[0]).toMatchObject({ method: 'GET', path: '/moved' })
  expect(phone.said).toEqual(['hello'])
})

describe('TwiML that cannot be used', () => {
  const cases: [number, string, string, string][] = [
    [12_100, 'something before <?xml', 'text/xml', `\n${hello}`],
    [12_100, 'a tag that is not closed', 'text/xml', '<Response><Say>x</Response>'],
    [12_100, 'nothing', 'text/xml', ''],
    [12_300, 'HTML', 'text/html', '<html><body>hello</body></html>'],
    [12_300, 'JSON', 'application/json', '{}'],
    [11_750, 'more than 64 kB', 'text/xml', `<Response><Say>${'a'.repeat(70_000)}</Say></Response>`],
  ]
  test.each(cases)('%i: %s', async (code, _what, contentType, body) => {
    const { bridge, clock, dial, network } = await setScene()
    const phone = network.phone(callee)
    bridge.answers.set(
      '/voice',
      (_request, response) => void response.writeHead(200, { 'content-type': contentType }).end(body),
    )
    await dial({ url: `${bridge.url}/voice` })
    await clock.runUntil(phone.ended)
    expect(network.faults).toMatchObject([{ code }])
    expect(phone.said[0]).toContain('application error')
  })
})

test('a server that answers garbage instead of HTTP is 11206', async () => {
  const { clock, dial, network } = await setScene()
  const phone = network.phone(callee)
  const { url } = await tcpServer((socket) => socket.end('what?\r\n\r\n'))
  await dial({ url: url.replace('ws:', 'http:') })
  await clock.runUntil(phone.ended)
  expect(network.faults).toMatchObject([{ code: 11_206 }])
})
