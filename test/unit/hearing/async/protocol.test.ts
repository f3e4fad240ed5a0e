import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { errorCodeIn, finishMessage, readFrame, socketUrl } from '../../../../src/hearing/async/protocol.ts'

const read = (frame: unknown) =>
  readFrame(Buffer.from(typeof frame === 'string' ? frame : JSON.stringify(frame)), false)
const interim = { kind: 'reply', text: 'yes', final: false }
const final = { kind: 'reply', text: 'yes', final: true }

describe('the address', () => {
  test('asks for the model and the rate, and says the key, encoded', () => {
    expect(socketUrl('https://api.async.com', { apiKey: 'sk a&b' })).toBe(
      'wss://api.async.com/speech_to_text/stream?api_key=sk+a%26b&model_id=async_asr_v1.0&sample_rate=16000',
    )
  })

  test.each([
    ['en', 'en'],
    ['pt-BR', 'pt'],
    ['multi', null],
    ['fil-PH', null],
    [undefined, null],
  ])('of %s the language is %s', (language, expected) => {
    const url = URL.parse(socketUrl('http://127.0.0.1:1', { apiKey: 'k', language }) ?? '')
    expect(url?.searchParams.get('language')).toBe(expected)
  })

  test('what is no URL has none', () => {
    expect(socketUrl('api.async.com', { apiKey: 'k' })).toBeUndefined()
  })
})

test('the end of the audio is one message', () => {
  expect(finishMessage).toBe('{"final":true}')
})

test.each([
  [{ type: 'interim', transcript: 'yes' }, interim],
  [{ type: 'interim', text: ' yes ' }, interim],
  [{ final: false, text: 'yes' }, interim],
  [{ is_final: false, transcript: 'yes' }, interim],
  [{ text: 'yes' }, interim],
  [{ type: 'partial', is_final: false, text: 'yes' }, interim],
  [
    { type: 'interim', text: '' },
    { ...interim, text: '' },
  ],
  [{ type: 'done', transcript: 'yes' }, final],
  [{ type: 'done', transcript: 'yes', text: 'no' }, final],
  [{ type: 'done', transcript: 7, text: 'yes' }, final],
  [{ final: true, text: 'yes' }, final],
  [{ is_final: true, transcript: 'yes' }, final],
  [{ type: 'interim', is_final: true, text: 'yes' }, final],
  [{ type: 'done' }, { ...final, text: undefined }],
  [{ final: true }, { ...final, text: undefined }],
])('%j is a reply', (frame, expected) => {
  expect(read(frame)).toEqual(expected)
})

test.each([
  [{ error_code: 'TIMEOUT', message: 'x', request_id: 'unknown', extra: null }, 'TIMEOUT'],
  [{ detail: { error_code: 'INVALID_API_KEY', message: 'x', extra: { api_key: 'sk_' } } }, 'INVALID_API_KEY'],
  [{ type: 'error', error_code: 'RATE_LIMIT_EXCEEDED', text: 'no' }, 'RATE_LIMIT_EXCEEDED'],
  [{ type: 'error', message: 'what was said' }, undefined],
  [{ type: 'error', error_code: 7 }, undefined],
  [{ message: 'x', method: 'GET', url: '/x?api_key=sk', detail: 'x' }, undefined],
])('%j is an error', (frame, code) => {
  expect(read(frame)).toEqual({ kind: 'error', code })
  expect(errorCodeIn(JSON.stringify(frame))).toBe(code)
})

test.each([
  'null',
  '[]',
  '7',
  '{}',
  '{"type":"done2"}',
  '{"type":"ready","text":"x"}',
  '{"final":"true"}',
  '{"text":null}',
])('%s is left out', (frame) => {
  expect(read(frame)).toEqual({ kind: 'unknown' })
})

test('what is no JSON is malformed, and sound is not expected', () => {
  expect(read('{"type":"done",')).toEqual({ kind: 'malformed' })
  expect(read('')).toEqual({ kind: 'malformed' })
  expect(readFrame(Buffer.from('{"type":"done","text":"x"}'), true)).toEqual({ kind: 'unknown' })
})

test('whatever comes is read, and never thrown at; a text is a text', () => {
  const value = fc.oneof(fc.jsonValue(), fc.boolean(), fc.constantFrom('interim', 'done', 'error'))
  const field = fc.constantFrom(
    'type',
    'final',
    'is_final',
    'transcript',
    'text',
    'error_code',
    'detail',
    'message',
    '__proto__',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.dictionary(field, value).map((frame) => JSON.stringify(frame)),
      ),
      (frame) => {
        const came = read(frame)
        if (came.kind === 'reply')
          expect([came.text ?? '', came.final]).toEqual([expect.any(String), expect.any(Boolean)])
        else expect(['error', 'unknown', 'malformed']).toContain(came.kind)
      },
    ),
    { numRuns: 500 },
  )
})
