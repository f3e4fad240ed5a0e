import * as fc from 'fast-check'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { expect, test } from 'vitest'
import {
  connectStream,
  dialNumber,
  hangUp,
  inlineTwimlLimit,
  rejectCall,
  sayAndHangUp,
} from '../../../src/twilio/twiml.ts'

const streamUrl = 'wss://voice.example.com/twilio/media'
const head = '<?xml version="1.0" encoding="UTF-8"?>'

/** An independent XML reader; order of elements kept, entities decoded, nothing trimmed. */
function read(twiml: string): unknown {
  expect(twiml.startsWith('<?xml')).toBe(true)
  expect(XMLValidator.validate(twiml)).toBe(true)
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    ignoreDeclaration: true,
    htmlEntities: true,
  })
  return parser.parse(twiml)
}

test('a call is joined to the stream, with its parameters, and hangs up afterwards', () => {
  const twiml = connectStream({
    streamUrl,
    parameters: { token: 'abc', callId: '42' },
    actionUrl: 'https://voice.example.com/twilio/stream-ended?a=1&b=2',
    statusCallbackUrl: 'https://voice.example.com/twilio/stream-status',
  })
  expect(twiml).toBe(
    `${head}<Response><Connect action="https://voice.example.com/twilio/stream-ended?a=1&amp;b=2">` +
      `<Stream url="${streamUrl}" statusCallback="https://voice.example.com/twilio/stream-status">` +
      '<Parameter name="token" value="abc"/><Parameter name="callId" value="42"/></Stream></Connect><Hangup/></Response>',
  )
})

test('without action and callback there are no such attributes', () => {
  expect(connectStream({ streamUrl, parameters: {} })).toBe(
    `${head}<Response><Connect><Stream url="${streamUrl}"/></Connect><Hangup/></Response>`,
  )
})

test('what stands in a parameter comes out of the XML as it went in', () => {
  const xmlText = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
    .filter((text) => !/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(text))
  fc.assert(
    fc.property(xmlText, fc.oneof(xmlText, fc.constant(`a&b<"'>]]>&#x41;`)), (name, value) => {
      const twiml = connectStream({ streamUrl, parameters: { [name]: value } })
      expect(JSON.stringify(read(twiml))).toContain(JSON.stringify({ name, value }))
    }),
    { numRuns: 300 },
  )
})

test.each([
  ['wss://h/media?token=1', 'query'],
  ['wss://h/media?', 'query'],
  ['wss://h/media#x', 'fragment'],
  ['https://h/media', 'wss'],
  ['ws://h/media', 'wss'],
  ['ws://127.0.0.1.example.com/media', 'wss'],
  ['wss://user:secret@h/media', 'password'],
  ['/media', 'absolute'],
  ['', 'absolute'],
])('the stream URL %s is refused because of its %s', (url, reason) => {
  const make = () => connectStream({ streamUrl: url, parameters: {} })
  expect(make).toThrow(expect.objectContaining({ code: 'config.invalid', message: expect.stringContaining(reason) }))
  expect(make).not.toThrow(/secret/)
})

test('an emulator on this machine is reached without TLS', () => {
  for (const url of ['ws://127.0.0.1:4000/media', 'ws://localhost/media', 'ws://[::1]:1/media'])
    expect(connectStream({ streamUrl: url, parameters: {} })).toContain(`url="${url}"`)
})

test('name and value of a parameter stay below 500 characters together', () => {
  const make = (valueLength: number) => () =>
    connectStream({ streamUrl, parameters: { name: 'v'.repeat(valueLength) } })
  expect(make(495)).not.toThrow()
  expect(make(496)).toThrow(/below 500 characters together, got 500/)
})

test('a parameter without a name, or with characters XML has not, is refused', () => {
  for (const parameters of [{ '': 'x' }, { x: '\u0000' }, { x: '\uD800' }, { '\u0008': 'x' }])
    expect(() => connectStream({ streamUrl, parameters })).toThrow(expect.objectContaining({ code: 'internal' }))
})

test('a text is said by Twilio itself, and then the call ends', () => {
  expect(sayAndHangUp('Tom & "Jerry" <3', 'en-GB')).toBe(
    `${head}<Response><Say language="en-GB">Tom &amp; "Jerry" &lt;3</Say><Hangup/></Response>`,
  )
  expect(sayAndHangUp('Hello')).toBe(`${head}<Response><Say>Hello</Say><Hangup/></Response>`)
})

test('a language without a region gets one, and one that Twilio would not know is left out', () => {
  expect(sayAndHangUp('Hallo', 'de')).toContain('<Say language="de-DE">')
  expect(sayAndHangUp('Hi', 'en')).toContain('<Say language="en-US">')
  for (const language of ['klingon', 'constructor', 'de_DE', '"><x', ''])
    expect(sayAndHangUp('Hi', language)).toContain('<Say>Hi</Say>')
})

test('no text makes invalid XML, and one that is empty is not said', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => XMLValidator.validate(sayAndHangUp(text)) === true))
  expect(sayAndHangUp('a\u0000b\uD800c')).toContain('<Say>a b c</Say>')
  for (const empty of ['', ' \n ', '\u0000']) expect(sayAndHangUp(empty)).toBe(hangUp())
})

test('another number is dialled, and what became of it is told to the action', () => {
  const dial = { to: '+15551230099', callerId: '+15005550006', timeoutS: 20, actionUrl: 'https://x.test/a?b=1&c=2' }
  expect(dialNumber(dial)).toBe(
    `${head}<Response><Dial action="https://x.test/a?b=1&amp;c=2" callerId="+15005550006" timeout="20">` +
      '<Number>+15551230099</Number></Dial></Response>',
  )
  expect(dialNumber({ ...dial, callerId: '' })).not.toContain('callerId')
})

test('hanging up and rejecting are one verb each', () => {
  expect(hangUp()).toBe(`${head}<Response><Hangup/></Response>`)
  expect(rejectCall()).toBe(`${head}<Response><Reject reason="rejected"/></Response>`)
  expect(rejectCall('busy')).toBe(`${head}<Response><Reject reason="busy"/></Response>`)
})

test('what a call is usually joined with fits inline', () => {
  const twiml = connectStream({
    streamUrl: `wss://${'a'.repeat(60)}.ngrok-free.app/twilio/media`,
    parameters: { token: 'x'.repeat(100), callId: 'y'.repeat(40) },
    actionUrl: `https://${'a'.repeat(60)}.ngrok-free.app/twilio/stream-ended`,
  })
  expect(twiml.length).toBeLessThan(inlineTwimlLimit / 4)
})
