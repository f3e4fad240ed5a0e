import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  parseAmdCallback,
  parseDialEnded,
  parseStatusCallback,
  parseStreamEnded,
  parseStreamStatus,
  parseVoiceWebhook,
} from '../../../src/twilio/webhooks.ts'

const CallSid = 'CA0123456789abcdef0123456789abcdef'
const AccountSid = 'AC0123456789abcdef0123456789abcdef'
const StreamSid = 'MZ18ad3ab5a668481ce02b83e7395059f0'
const ids = { callSid: CallSid, accountSid: AccountSid }

/** The parameters of a real inbound call (2025), the numbers and the token replaced. */
const inbound = {
  AccountSid,
  ApiVersion: '2010-04-01',
  CallSid,
  CallStatus: 'ringing',
  CallToken: '%7B%22parentCallInfoToken%22%3A%22eyJ%22%7D',
  Called: '+15550100',
  CalledCity: '',
  CalledCountry: 'US',
  Caller: '+15550123',
  Direction: 'inbound',
  From: '+15550123',
  FromCity: '',
  StirVerstat: 'TN-Validation-Passed-A',
  To: '+15550100',
  ToZip: '',
}

const status = {
  CallSid,
  AccountSid,
  From: '+15550100',
  To: '+15550123',
  CallStatus: 'completed',
  Direction: 'outbound-api',
  Timestamp: 'Fri, 29 Nov 2024 00:09:39 +0000',
  CallbackSource: 'call-progress-events',
  SequenceNumber: '3',
  CallDuration: '61',
  Duration: '2',
  SipResponseCode: '200',
  AnsweredBy: 'human',
}

const stream = {
  StreamName: StreamSid,
  StreamEvent: 'stream-started',
  CallSid,
  Timestamp: '2024-11-29T00:09:39.602648368Z',
  AccountSid,
  StreamSid,
}

test('a request for instructions of an inbound call', () => {
  expect(parseVoiceWebhook(inbound)).toEqual({
    kind: 'voice',
    ...ids,
    from: '+15550123',
    to: '+15550100',
    direction: 'inbound',
    status: 'ringing',
  })
})

test('a request for instructions of an answered outbound call, with the verdict on who answered', () => {
  const body = { ...inbound, CallStatus: 'in-progress', Direction: 'outbound-api', AnsweredBy: 'machine_start' }
  expect(parseVoiceWebhook(body)).toMatchObject({
    direction: 'outbound',
    status: 'in-progress',
    answeredBy: 'machine_start',
  })
})

test('a caller who withholds the number is no malformed call', () => {
  const { From: _, ...withoutFrom } = inbound
  expect(parseVoiceWebhook({ ...withoutFrom, Caller: '' })).toMatchObject({ kind: 'voice', from: '' })
})

test('a status callback, its length in seconds and not in begun minutes', () => {
  expect(parseStatusCallback(status)).toStrictEqual({
    kind: 'status',
    ...ids,
    status: 'completed',
    sequenceNumber: 3,
    durationS: 61,
    sipResponseCode: 200,
    answeredBy: 'human',
    timestampMs: Date.UTC(2024, 10, 29, 0, 9, 39),
  })
})

test('initiated is a status in callbacks, and what is not sent is not there', () => {
  const body = { CallSid, AccountSid, CallStatus: 'initiated', SequenceNumber: '0', CallDuration: '' }
  expect(parseStatusCallback(body)).toStrictEqual({ kind: 'status', ...ids, status: 'initiated', sequenceNumber: 0 })
})

test('optional fields that make no sense are left out', () => {
  const body = {
    ...status,
    SequenceNumber: 'x',
    CallDuration: '-1',
    SipResponseCode: ['1', '2'],
    AnsweredBy: 'a dog',
    Timestamp: 'noon',
  }
  expect(parseStatusCallback(body)).toStrictEqual({ kind: 'status', ...ids, status: 'completed' })
})

test('the verdict of answering machine detection', () => {
  const body = { CallSid, AccountSid, AnsweredBy: 'machine_end_beep', MachineDetectionDuration: '3821' }
  expect(parseAmdCallback(body)).toStrictEqual({
    kind: 'amd',
    ...ids,
    answeredBy: 'machine_end_beep',
    detectionMs: 3821,
  })
})

test('a stream that started', () => {
  expect(parseStreamStatus(stream)).toStrictEqual({
    kind: 'stream-status',
    ...ids,
    streamSid: StreamSid,
    event: 'stream-started',
    timestampMs: Date.parse('2024-11-29T00:09:39.602Z'),
  })
})

test.each([
  ['31920', 31920],
  ['31951 - Stream - Protocol - Invalid Message', 31951],
  ['Handshake failed', undefined],
  ['131920', undefined],
])('a stream error %s has the code %s', (StreamError, errorCode) => {
  const parsed = parseStreamStatus({ ...stream, StreamEvent: 'stream-error', StreamError })
  expect(parsed).toMatchObject({ event: 'stream-error', error: StreamError })
  expect('errorCode' in parsed ? parsed.errorCode : undefined).toBe(errorCode)
})

test('a stream error of any length is kept short', () => {
  const parsed = parseStreamStatus({ ...stream, StreamEvent: 'stream-error', StreamError: 'x'.repeat(9999) })
  expect('error' in parsed ? parsed.error?.length : 0).toBe(200)
})

test('the end of a stream, when Twilio asks what comes next', () => {
  const body = { ...inbound, CallStatus: 'in-progress' }
  expect(parseStreamEnded(body)).toStrictEqual({ kind: 'stream-ended', ...ids, status: 'in-progress' })
})

test.each([
  ['completed', 'answered'],
  ['answered', 'answered'],
  ['busy', 'busy'],
  ['no-answer', 'no-answer'],
  ['failed', 'failed'],
  ['canceled', 'cancelled'],
  ['constructor', 'failed'],
])('the end of a dial, and how long the two were connected: %s', (DialCallStatus, ended) => {
  expect(parseDialEnded({ ...inbound, DialCallStatus, DialCallDuration: '61' })).toStrictEqual({
    kind: 'dial-ended',
    ...ids,
    ended,
    durationS: 61,
  })
  expect(parseDialEnded(inbound)).toStrictEqual({ kind: 'dial-ended', ...ids })
})

const parsers = [
  ['voice', parseVoiceWebhook, inbound, ['CallSid', 'AccountSid', 'CallStatus']],
  ['status', parseStatusCallback, status, ['CallSid', 'AccountSid', 'CallStatus']],
  ['amd', parseAmdCallback, { CallSid, AccountSid, AnsweredBy: 'fax' }, ['CallSid', 'AccountSid', 'AnsweredBy']],
  ['stream status', parseStreamStatus, stream, ['CallSid', 'AccountSid', 'StreamSid', 'StreamEvent']],
  ['stream ended', parseStreamEnded, inbound, ['CallSid', 'AccountSid', 'CallStatus']],
  ['dial ended', parseDialEnded, inbound, ['CallSid', 'AccountSid']],
] as const

test.each(parsers)(
  '%s: a required field that is missing, empty, doubled or wrong is named, its value is not',
  (_, parse, good, required) => {
    expect(parse(good).kind).not.toBe('malformed')
    for (const field of required) {
      for (const wrong of [undefined, '', [], ['completed', 'busy'], 'S3CRET', 'constructor', '__proto__']) {
        const parsed = parse({ ...good, [field]: wrong })
        expect(parsed).toMatchObject({ kind: 'malformed', problem: expect.stringMatching(`^${field}: expected`) })
        expect(JSON.stringify(parsed)).not.toContain('S3CRET')
      }
    }
  },
)

test('no body makes a parser throw', () => {
  const field = fc.oneof(
    fc.constantFrom(...Object.keys({ ...status, ...stream })),
    fc.string(),
    fc.constant('__proto__'),
  )
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.string()),
    fc.constantFrom(CallSid, AccountSid, StreamSid),
  )
  const bodies = fc.dictionary(field, value).map((body) => ({ CallSid, AccountSid, ...body }))
  fc.assert(
    fc.property(bodies, (body) => {
      for (const [, parse] of parsers) expect(typeof parse(body).kind).toBe('string')
    }),
    { numRuns: 1000 },
  )
})
