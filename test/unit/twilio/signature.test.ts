import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import {
  getExpectedBodyHash,
  getExpectedTwilioSignature,
  validateRequest,
  validateRequestWithBody,
} from 'twilio/lib/webhooks/webhooks.js'
import { expect, test } from 'vitest'
import { isSignedHandshake, isSignedJson, isSignedWebhook } from '../../../src/twilio/signature.ts'

const token = '12345'
const other = 'another-token'

/** The documented algorithm, written down once more: nothing of the official package in it. */
function sign(url: string, body: Readonly<Record<string, string | readonly string[]>> = {}, key = token): string {
  const text = Object.keys(body)
    .toSorted()
    .map((name) => {
      const value = body[name] ?? ''
      return typeof value === 'string'
        ? name + value
        : [...new Set(value)]
            .toSorted()
            .map((each) => name + each)
            .join('')
    })
  return createHmac('sha1', key)
    .update(url + text.join(''))
    .digest('base64')
}

const vendor = {
  publicUrl: 'https://example.com',
  rawUrl: '/myapp.php?foo=1&bar=2',
  signature: 'L/OH5YylLD5NRKLltdqwSvS0BnU=',
  body: {
    CallSid: 'CA1234567890ABCDE',
    Caller: '+14158675310',
    Digits: '1234',
    From: '+14158675310',
    To: '+18005551212',
  },
}

test("Twilio's own test vector is signed, and nothing changed in it is", () => {
  const good = { authTokens: [token], ...vendor }
  expect(isSignedWebhook(good)).toBe(true)
  expect(isSignedWebhook({ ...good, authTokens: [other, token] })).toBe(true)
  for (const change of [
    { authTokens: [other] },
    { authTokens: [] },
    { authTokens: [''] },
    { publicUrl: 'https://example.org' },
    { publicUrl: 'http://example.com' },
    { rawUrl: '/myapp.php?foo=1&bar=3' },
    { rawUrl: '/myapp.php?bar=2&foo=1' },
    { rawUrl: '/myapp.php' },
    { signature: undefined },
    { signature: '' },
    { signature: vendor.signature.toLowerCase() },
    { signature: `${vendor.signature},${vendor.signature}` },
    { body: { ...vendor.body, Digits: '1235' } },
    { body: { ...vendor.body, Extra: '' } },
    { body: {} },
  ])
    expect([change, isSignedWebhook({ ...good, ...change })]).toEqual([change, false])
})

const safePath = fc.stringMatching(/^\/[A-Za-z0-9/_.~!$&'()*+,;=:@%-]{0,30}$/)
const query = fc.array(
  fc.tuple(
    fc.stringMatching(/^[A-Za-z0-9_.-]{1,8}$/),
    fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9+'()*!~%20:/@,;-]{0,12}$/),
      fc.constantFrom('', "it's", 'a+b', 'a%20b', '%C3%A9'),
    ),
  ),
  { maxLength: 4 },
)
const rawUrl = fc.tuple(safePath, query).map(([path, pairs]) => {
  const text = pairs.map(([name, value]) => `${name}=${value}`).join('&')
  return text === '' ? path : `${path}?${text}`
})
const publicUrl = fc.constantFrom(
  'https://example.com',
  'https://a-b.ngrok-free.app/',
  'https://example.com:8443',
  'https://example.com:443',
  'http://127.0.0.1:4000',
  'http://localhost:80',
)
const value = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom('', '+15550100', " it's ", '  ', 'ä ß 漢'),
)
const body = fc.dictionary(
  fc.oneof(fc.stringMatching(/^[A-Za-z_]{1,12}$/), fc.constantFrom('__proto__', 'constructor', 'toString')),
  fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 })),
  { maxKeys: 12 },
)

function fullUrl(base: string, raw: string): string {
  return new URL(base).origin + raw
}

test('400 webhooks of all shapes: what the official package signs is signed', () => {
  fc.assert(
    fc.property(publicUrl, rawUrl, body, (base, raw, form) => {
      const url = fullUrl(base, raw)
      const signature = getExpectedTwilioSignature(token, url, form)
      expect(signature).toBe(sign(url, form))
      expect(isSignedWebhook({ authTokens: [token], publicUrl: base, rawUrl: raw, signature, body: form })).toBe(true)
    }),
    { numRuns: 400 },
  )
})

test('400 webhooks changed in one place: what the official package refuses is refused', () => {
  const changes = fc.constantFrom('token', 'path', 'value', 'field', 'signature', 'host')
  fc.assert(
    fc.property(publicUrl, rawUrl, body, changes, (base, raw, form, change) => {
      const signature = getExpectedTwilioSignature(change === 'token' ? other : token, fullUrl(base, raw), form)
      const first = Object.keys(form)[0]
      const received = {
        publicUrl: change === 'host' ? 'https://example.net' : base,
        rawUrl: change === 'path' ? `${raw}x` : raw,
        signature: change === 'signature' ? `${signature.slice(0, -3)}xx=` : signature,
        body:
          change === 'field' || (change === 'value' && first === undefined)
            ? { ...form, Added: 'x' }
            : change === 'value' && first !== undefined
              ? { ...form, [first]: 'changed by somebody' }
              : form,
      }
      const official = validateRequest(
        token,
        received.signature,
        fullUrl(received.publicUrl, received.rawUrl),
        received.body,
      )
      expect(official).toBe(false)
      expect(isSignedWebhook({ authTokens: [token], ...received })).toBe(false)
    }),
    { numRuns: 400 },
  )
})

const json = fc.oneof(
  fc.json(),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom('', '{}', '{"CallSid":"CA1"}', ' { "a" : "ä ß 漢" } '),
)
const withHash = (raw: string, hash: string) => `${raw}${raw.includes('?') ? '&' : '?'}bodySHA256=${hash}`

test('300 JSON webhooks: what the official package signs is signed, and it agrees', () => {
  fc.assert(
    fc.property(publicUrl, rawUrl, json, (base, raw, rawBody) => {
      const hashed = withHash(raw, getExpectedBodyHash(rawBody))
      const url = fullUrl(base, hashed)
      const signature = getExpectedTwilioSignature(token, url, {})
      expect(signature).toBe(sign(url))
      expect(validateRequestWithBody(token, signature, url, rawBody)).toBe(true)
      const received = { publicUrl: base, rawUrl: hashed, signature, rawBody }
      expect(isSignedJson({ authTokens: [other, token], ...received })).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('300 JSON webhooks changed in one place: what the official package refuses is refused', () => {
  const changes = fc.constantFrom('token', 'path', 'body', 'hash', 'no-hash', 'signature')
  fc.assert(
    fc.property(publicUrl, rawUrl, json, changes, (base, raw, rawBody, change) => {
      const hash = change === 'hash' ? getExpectedBodyHash(`${rawBody}x`) : getExpectedBodyHash(rawBody)
      const hashed = change === 'no-hash' ? raw : withHash(raw, hash)
      const signature = getExpectedTwilioSignature(change === 'token' ? other : token, fullUrl(base, hashed), {})
      const received = {
        publicUrl: base,
        rawUrl: change === 'path' ? `${hashed}&more=1` : hashed,
        signature: change === 'signature' ? `${signature.slice(0, -3)}xx=` : signature,
        rawBody: change === 'body' ? `${rawBody} ` : rawBody,
      }
      const url = fullUrl(received.publicUrl, received.rawUrl)
      expect(validateRequestWithBody(token, received.signature, url, received.rawBody)).toBe(false)
      expect(isSignedJson({ authTokens: [token], ...received })).toBe(false)
    }),
    { numRuns: 300 },
  )
})

test('apostrophes, plus signs, arrays, empty values and spaces are taken as they come', () => {
  const raw = "/twilio/status?name=O'Neil&sum=1+1&space=%20&empty="
  const form = { Called: '+15550100', ToCity: '', Note: "it's ", Digits: ['2', '1', '2'] }
  const signature = sign(`https://example.com${raw}`, form)
  const request = { authTokens: [token], publicUrl: 'https://example.com', rawUrl: raw, signature, body: form }
  expect(isSignedWebhook(request)).toBe(true)
  expect(isSignedWebhook({ ...request, rawUrl: raw.replace('1+1', '1%201') })).toBe(false)
  expect(isSignedWebhook({ ...request, body: { ...form, Note: "it's" } })).toBe(false)
  const { ToCity: _, ...withoutCity } = form
  expect(isSignedWebhook({ ...request, body: withoutCity })).toBe(false)
  expect(isSignedWebhook({ ...request, body: { ...form, Digits: ['1', '2'] } })).toBe(true)
})

test('Twilio leaves the port of an https address out or in: both are signed', () => {
  for (const base of ['https://example.com:8443', 'https://example.com', 'https://example.com:443']) {
    for (const signed of ['https://example.com/x', `${base}/x`]) {
      const request = { authTokens: [token], publicUrl: base, rawUrl: '/x', signature: sign(signed), body: {} }
      expect([base, signed, isSignedWebhook(request)]).toEqual([base, signed, true])
    }
  }
})

test('fragments and user names are not signed, slashes at the end are', () => {
  const request = {
    authTokens: [token],
    publicUrl: 'https://example.com',
    rawUrl: '/x',
    signature: sign('https://example.com/x'),
    body: {},
  }
  expect(isSignedWebhook({ ...request, rawUrl: '/x#rc=2&rp=all' })).toBe(true)
  expect(isSignedWebhook({ ...request, publicUrl: 'https://user:secret@example.com/' })).toBe(true)
  expect(isSignedWebhook({ ...request, rawUrl: '/x/' })).toBe(false)
})

test('a prefix of the public address stands before the path', () => {
  const signature = sign('https://example.com/bridge/x')
  const request = { authTokens: [token], publicUrl: 'https://example.com/bridge/', rawUrl: '/x', signature, body: {} }
  expect(isSignedWebhook(request)).toBe(true)
})

test('nothing that can be received makes the check throw or pass', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      (base, raw, signature) => {
        for (const rawUrl of [raw, `/${raw}`]) {
          for (const publicUrl of [base, 'https://example.com']) {
            expect(isSignedWebhook({ authTokens: [token], publicUrl, rawUrl, signature, body: { [raw]: base } })).toBe(
              false,
            )
            expect(isSignedHandshake({ authTokens: [token], publicUrl, path: rawUrl, signature })).toBe(false)
            expect(isSignedJson({ authTokens: [token], publicUrl, rawUrl, signature, rawBody: raw })).toBe(false)
          }
        }
      },
    ),
    { numRuns: 500 },
  )
  const signature = sign('https://example.comhttps://example.com/x')
  const absolute = {
    authTokens: [token],
    publicUrl: 'https://example.com',
    rawUrl: 'https://example.com/x',
    signature,
    body: {},
  }
  expect(isSignedWebhook(absolute)).toBe(false)
})

test('an empty token signs nothing', () => {
  const signature = createHmac('sha1', '').update('wss://example.com/m').digest('base64')
  expect(isSignedHandshake({ authTokens: [''], publicUrl: 'https://example.com', path: '/m', signature })).toBe(false)
})

test.each([
  ['https://example.com', 'wss://example.com/twilio/media'],
  ['https://example.com', 'wss://example.com/twilio/media/'],
  ['https://example.com', 'wss://example.com:443/twilio/media'],
  ['https://example.com:443', 'wss://example.com/twilio/media'],
  ['https://example.com/', 'wss://example.com/twilio/media'],
  ['https://example.com:8443', 'wss://example.com:8443/twilio/media'],
  ['https://example.com:8443', 'wss://example.com/twilio/media'],
  ['https://s', 'wss://s/twilio/media'],
  ['http://127.0.0.1:4000', 'ws://127.0.0.1:4000/twilio/media'],
  ['http://127.0.0.1:4000', 'ws://127.0.0.1:4000/twilio/media/'],
  ['http://localhost', 'ws://localhost/twilio/media'],
])('a handshake at %s may be signed over %s', (base, signed) => {
  const request = { authTokens: [other, token], publicUrl: base, signature: sign(signed) }
  expect(isSignedHandshake({ ...request, path: '/twilio/media' })).toBe(true)
  expect(isSignedHandshake({ ...request, path: '/twilio/media/' })).toBe(true)
  expect(isSignedHandshake({ ...request, path: '/twilio/media?x=1' })).toBe(true)
  expect(isSignedHandshake({ ...request, path: '/twilio/other' })).toBe(false)
  expect(isSignedHandshake({ ...request, path: '/twilio/media', authTokens: [other] })).toBe(false)
  expect(isSignedHandshake({ ...request, path: '/twilio/media', signature: undefined })).toBe(false)
})

test.each([
  ['https://example.com', 'https://example.com/twilio/media'],
  ['https://example.com', 'ws://example.com/twilio/media'],
  ['https://example.com', 'wss://example.com:80/twilio/media/x'],
  ['https://example.com', 'wss://example.org/twilio/media'],
  ['http://example.com', 'ws://example.com/twilio/media'],
  ['http://127.0.0.1:4000', 'wss://127.0.0.1:4000/twilio/media'],
])('a handshake at %s is not signed over %s', (base, signed) => {
  const request = { authTokens: [token], publicUrl: base, path: '/twilio/media', signature: sign(signed) }
  expect(isSignedHandshake(request)).toBe(false)
})
