import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  encodeMedia,
  mediaHead,
  encodeClear,
  encodeMark,
  maxMessageLength,
  parseStreamMessage,
  type StreamMessage,
} from '../../../src/twilio/media-stream.ts'

const streamSid = 'MZ18ad3ab5a668481ce02b83e7395059f0'
const accountSid = 'AC0123456789abcdef0123456789abcdef'
const callSid = 'CA0123456789abcdef0123456789abcdef'
const payload = 'no+JhoaJjpzSyMbGzNDQ0MzKyMTCwsLGysw='

const inbound: Record<string, { wire: object; message: StreamMessage }> = {
  connected: {
    wire: { event: 'connected', protocol: 'Call', version: '1.0.0' },
    message: { event: 'connected', protocol: 'Call', version: '1.0.0' },
  },
  'connected of 2019': {
    wire: { event: 'connected', protocol: 'Call', version: '0.2.0' },
    message: { event: 'connected', protocol: 'Call', version: '0.2.0' },
  },
  start: {
    wire: {
      event: 'start',
      sequenceNumber: '1',
      start: {
        accountSid,
        streamSid,
        callSid,
        tracks: ['inbound'],
        mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
        customParameters: { token: 'abc', RemoteParty: 'Bob' },
      },
      streamSid,
    },
    message: {
      event: 'start',
      streamSid,
      accountSid,
      callSid,
      sequenceNumber: 1,
      customParameters: { token: 'abc', RemoteParty: 'Bob' },
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRateHz: 8000, channels: 1 },
    },
  },
  'start without parameters and with no media format': {
    wire: {
      event: 'start',
      sequenceNumber: '1',
      streamSid,
      start: { accountSid, streamSid, callSid, mediaFormat: null },
    },
    message: {
      event: 'start',
      streamSid,
      accountSid,
      callSid,
      sequenceNumber: 1,
      customParameters: {},
      mediaFormat: undefined,
    },
  },
  'the first media, which is not at 0': {
    wire: {
      event: 'media',
      sequenceNumber: '2',
      media: { track: 'inbound', chunk: '1', timestamp: '57', payload },
      streamSid,
    },
    message: { event: 'media', streamSid, sequenceNumber: 2, chunk: 1, timestampMs: 57, payload, track: 'inbound' },
  },
  'media of the outbound track': {
    wire: {
      event: 'media',
      sequenceNumber: '9',
      media: { track: 'outbound', chunk: '8', timestamp: '1438', payload },
      streamSid,
    },
    message: { event: 'media', streamSid, sequenceNumber: 9, chunk: 8, timestampMs: 1438, payload, track: 'outbound' },
  },
  dtmf: {
    wire: { event: 'dtmf', streamSid, sequenceNumber: '5', dtmf: { track: 'inbound_track', digit: '#' } },
    message: { event: 'dtmf', streamSid, digit: '#', sequenceNumber: 5 },
  },
  mark: {
    wire: { event: 'mark', sequenceNumber: '4', streamSid, mark: { name: 'g1:m2' } },
    message: { event: 'mark', streamSid, name: 'g1:m2', sequenceNumber: 4 },
  },
  stop: {
    wire: { event: 'stop', sequenceNumber: '77', streamSid, stop: { accountSid, callSid } },
    message: { event: 'stop', streamSid, callSid, accountSid, sequenceNumber: 77 },
  },
}

function plain(message: StreamMessage): unknown {
  return structuredClone(message)
}

/** The same JSON value with its keys the other way round, numbers for strings of digits, and a field Twilio added. */
function otherSpelling(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return ['sequenceNumber', 'chunk', 'timestamp'].includes(key) ? Number(value) : value
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value).toReversed()
  const copy = Object.fromEntries(entries.map(([name, each]) => [name, otherSpelling(each, name)]))
  return key === 'customParameters' ? copy : { addedSince: { by: 'Twilio' }, ...copy }
}

for (const [name, { wire, message }] of Object.entries(inbound)) {
  test(`reads ${name}`, () => {
    expect(plain(parseStreamMessage(JSON.stringify(wire)))).toEqual(message)
    expect(plain(parseStreamMessage(Buffer.from(JSON.stringify(wire))))).toEqual(message)
  })

  test(`reads ${name} whatever the order of keys, added fields, and numbers as numbers`, () => {
    expect(plain(parseStreamMessage(JSON.stringify(otherSpelling(wire))))).toEqual(message)
  })

  test(`${name}, cut in the middle at any place, is malformed and nothing worse`, () => {
    const text = JSON.stringify(wire)
    for (let end = 0; end < text.length; end++) expect(parseStreamMessage(text.slice(0, end)).event).toBe('malformed')
  })
}

const outbound = {
  media: {
    text: encodeMedia(mediaHead(streamSid), payload),
    wire: `{"event":"media","streamSid":"${streamSid}","media":{"payload":"${payload}"}}`,
    object: { event: 'media', streamSid, media: { payload } },
  },
  mark: {
    text: encodeMark(streamSid, 'a "quoted"\nname \u2028'),
    wire: `{"event":"mark","streamSid":"${streamSid}","mark":{"name":"a \\"quoted\\"\\nname \\u2028"}}`,
    object: { event: 'mark', streamSid, mark: { name: 'a "quoted"\nname \u2028' } },
  },
  clear: {
    text: encodeClear(streamSid),
    wire: `{"event":"clear","streamSid":"${streamSid}"}`,
    object: { event: 'clear', streamSid },
  },
}

for (const [name, { text, wire, object }] of Object.entries(outbound)) {
  test(`${name} has exactly the documented fields`, () => {
    expect(text).toBe(wire)
    expect(JSON.parse(text)).toStrictEqual(object)
  })
}

test('the payload goes into the media message unchanged, whatever its length', () => {
  const head = mediaHead(streamSid)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      const base64 = Buffer.from(bytes).toString('base64')
      expect(JSON.parse(encodeMedia(head, base64))).toStrictEqual({
        event: 'media',
        streamSid,
        media: { payload: base64 },
      })
    }),
  )
})

test('a payload that is not base64 cannot add fields or break the JSON', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constant('","x":"'), fc.constant('AA\n\\"')), (text) => {
      const message: unknown = JSON.parse(encodeMedia(mediaHead(streamSid), text))
      expect(message).toStrictEqual({ event: 'media', streamSid, media: { payload: expect.any(String) } })
      expect(JSON.stringify(message)).toMatch(/"payload":"[A-Za-z0-9+/=]*"}}$/)
    }),
  )
})

test('the echo of a mark gives back the name that was sent', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (name, count) => {
      const text = encodeMark(streamSid, name)
      // What is written to the socket is one byte for each character.
      expect(Buffer.byteLength(text)).toBe(text.length)
      const sent: object = JSON.parse(text)
      const echo = JSON.stringify({ ...sent, sequenceNumber: String(count) })
      expect(parseStreamMessage(echo)).toEqual({ event: 'mark', streamSid, name, sequenceNumber: count })
    }),
  )
})

test('a stream name that is not of the documented shape is never written into a message', () => {
  for (const bad of ['', 'MZ', `${streamSid}0`, `MZ${'g'.repeat(32)}`, `","x":"${streamSid}`, `${streamSid}\n`]) {
    expect(() => mediaHead(bad)).toThrow(expect.objectContaining({ code: 'twilio.bad-message' }))
    expect(() => encodeMark(bad, 'm')).toThrow(expect.objectContaining({ code: 'twilio.bad-message' }))
    expect(() => encodeClear(bad)).toThrow(expect.objectContaining({ code: 'twilio.bad-message' }))
  }
})

test('an event that is not known is told by name, and its name is short and printable', () => {
  expect(parseStreamMessage('{"event":"transcript","text":"x"}')).toEqual({ event: 'unknown', name: 'transcript' })
  expect(parseStreamMessage('{"event":"constructor"}')).toEqual({ event: 'unknown', name: 'constructor' })
  expect(parseStreamMessage('{"event":"toString"}')).toEqual({ event: 'unknown', name: 'toString' })
  for (const name of ['x'.repeat(41), 'a\nb', '\u001b[31m', ''])
    expect(parseStreamMessage(JSON.stringify({ event: name }))).toEqual({ event: 'unknown', name: '(unprintable)' })
})

test('a binary frame is malformed even when it holds a good message', () => {
  const message = parseStreamMessage(Buffer.from(JSON.stringify(inbound['mark']?.wire)), true)
  expect(message).toMatchObject({ event: 'malformed', problem: expect.stringContaining('binary') })
})

test('parameters named like parts of a prototype are ordinary parameters', () => {
  const text = JSON.stringify(inbound['start']?.wire).replace(
    '"RemoteParty":"Bob"',
    '"__proto__":"p","constructor":"c","hasOwnProperty":"h","n":1,"o":{"polluted":true}',
  )
  const message = parseStreamMessage(text)
  if (message.event !== 'start') throw new Error(`expected start, got ${message.event}`)
  expect(Object.getPrototypeOf(message.customParameters)).toBeNull()
  expect(Object.entries(message.customParameters)).toEqual([
    ['token', 'abc'],
    ['__proto__', 'p'],
    ['constructor', 'c'],
    ['hasOwnProperty', 'h'],
  ])
  expect(Object.isFrozen(message.customParameters)).toBe(true)
  expect(message.customParameters['toString']).toBeUndefined()
})

test('prototype keys anywhere in a message change nothing', () => {
  const text = `{"__proto__":{"event":"stop"},"event":"mark","streamSid":"${streamSid}","mark":{"__proto__":{"name":"x"},"name":"m"}}`
  expect(parseStreamMessage(text)).toEqual({ event: 'mark', streamSid, name: 'm', sequenceNumber: 0 })
  expect(parseStreamMessage('{"__proto__":{"event":"mark"}}').event).toBe('malformed')
  expect(Object.hasOwn(Object.prototype, 'event')).toBe(false)
})

const secret = 'S3CRET'
const wrong: [string, unknown][] = [
  ['an array', []],
  ['a string', secret],
  ['null', null],
  ['no event', { streamSid }],
  ['an event that is a number', { event: 5 }],
  ['no body', { event: 'mark', streamSid }],
  ['a body that is an array', { event: 'mark', streamSid, mark: [secret] }],
  ['no stream', { event: 'mark', mark: { name: 'm' } }],
  ['a stream of another shape', { event: 'mark', streamSid: secret, mark: { name: 'm' } }],
  ['a stream that is an object', { event: 'mark', streamSid: { toString: secret }, mark: { name: 'm' } }],
  ['a count that is no number', { event: 'mark', streamSid, sequenceNumber: secret, mark: { name: 'm' } }],
  ['a negative count', { event: 'mark', streamSid, sequenceNumber: -1, mark: { name: 'm' } }],
  ['a broken count', { event: 'mark', streamSid, sequenceNumber: 1.5, mark: { name: 'm' } }],
  ['a count beyond all counting', { event: 'mark', streamSid, sequenceNumber: '9'.repeat(30), mark: { name: 'm' } }],
  ['a mark without a name', { event: 'mark', streamSid, mark: {} }],
  ['a mark named by a number', { event: 'mark', streamSid, mark: { name: 7 } }],
  ['two keys at once', { event: 'dtmf', streamSid, dtmf: { digit: '12' } }],
  ['a key that is none', { event: 'dtmf', streamSid, dtmf: { digit: 'x' } }],
  ['a payload that is no string', { event: 'media', streamSid, media: { payload: [secret], timestamp: '1' } }],
  ['media without a time', { event: 'media', streamSid, media: { payload } }],
  ['media with a time that is none', { event: 'media', streamSid, media: { payload, timestamp: secret } }],
  ['media with a chunk that is none', { event: 'media', streamSid, media: { payload, timestamp: '1', chunk: secret } }],
  ['start of another account shape', { event: 'start', streamSid, start: { accountSid: secret, callSid } }],
  ['start of another call shape', { event: 'start', streamSid, start: { accountSid, callSid: secret } }],
  [
    'start of two streams',
    { event: 'start', streamSid, start: { accountSid, callSid, streamSid: `MZ${'0'.repeat(32)}` } },
  ],
  ['stop without a call', { event: 'stop', streamSid, stop: { accountSid } }],
  ['stop of another account shape', { event: 'stop', streamSid, stop: { accountSid: secret, callSid } }],
]

test.each(wrong)('%s is malformed, and the report repeats nothing of it', (_, wire) => {
  const message = parseStreamMessage(JSON.stringify(wire))
  if (message.event !== 'malformed') throw new Error(`expected malformed, got ${message.event}`)
  expect(message.problem).toContain('expected')
  expect(message.problem).not.toContain(secret)
})

test('huge messages are refused unread, deep ones harm nothing', () => {
  const huge = JSON.stringify({ event: 'mark', streamSid, mark: { name: 'x'.repeat(maxMessageLength) } })
  expect(parseStreamMessage(huge)).toMatchObject({ event: 'malformed', problem: expect.stringContaining('at most') })
  expect(parseStreamMessage(Buffer.from(huge)).event).toBe('malformed')
  const depth = 30_000
  const deep = `{"event":"mark","streamSid":"${streamSid}","mark":{"name":"m","x":${'['.repeat(depth)}${']'.repeat(depth)}}}`
  expect(deep.length).toBeLessThan(maxMessageLength)
  expect(parseStreamMessage(deep)).toMatchObject({ event: 'mark', name: 'm' })
  expect(parseStreamMessage('['.repeat(maxMessageLength)).event).toBe('malformed')
})

test('no text and no bytes make the parser throw', () => {
  const events = fc.constantFrom('connected', 'start', 'media', 'dtmf', 'mark', 'stop', '__proto__', 'x')
  const almost = fc.record(
    {
      event: fc.oneof(events, fc.jsonValue()),
      streamSid: fc.oneof(fc.constant(streamSid), fc.jsonValue()),
      sequenceNumber: fc.oneof(fc.constant('3'), fc.jsonValue()),
      start: fc.oneof(
        fc.record({
          accountSid: fc.constant(accountSid),
          callSid: fc.constant(callSid),
          customParameters: fc.jsonValue(),
          mediaFormat: fc.jsonValue(),
        }),
        fc.jsonValue(),
      ),
      media: fc.oneof(
        fc.record({ payload: fc.jsonValue(), chunk: fc.jsonValue(), timestamp: fc.jsonValue() }),
        fc.jsonValue(),
      ),
      dtmf: fc.jsonValue(),
      mark: fc.jsonValue(),
      stop: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  const known = ['connected', 'start', 'media', 'dtmf', 'mark', 'stop', 'unknown', 'malformed']
  const never = (data: string | Buffer) => known.includes(parseStreamMessage(data).event)
  fc.assert(fc.property(fc.string({ unit: 'binary' }), never), { numRuns: 2000 })
  fc.assert(fc.property(fc.json(), never), { numRuns: 2000 })
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => never(Buffer.from(bytes))),
    { numRuns: 2000 },
  )
  fc.assert(
    fc.property(almost, (value) => never(JSON.stringify(value))),
    { numRuns: 4000 },
  )
})
