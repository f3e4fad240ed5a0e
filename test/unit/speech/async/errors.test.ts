import { expect, test } from 'vitest'
import { serviceError, stalled } from '../../../../src/speech/async/errors.ts'

test.each([
  ['INVALID_API_KEY', 'speech.refused', /ASYNC_API_KEY/],
  ['TOKEN_NOT_FOUND', 'speech.refused', /ASYNC_API_KEY/],
  ['VOICE_NOT_FOUND', 'speech.refused', /ASYNC_VOICE_ID/],
  ['INVALID_LANGUAGE', 'speech.refused', /language/],
  ['FORMAT_NOT_RECOGNIZED', 'speech.refused', /ASYNC_MODEL_ID/],
  ['VERSION_NOT_FOUND', 'speech.refused', /v1/],
  ['USAGE_LIMIT_EXCEEDED', 'speech.refused', /allowance/],
  ['INVALID_MODEL', 'speech.refused', /ASYNC_MODEL_ID/],
  ['TOO_MANY_CONCURRENT_REQUESTS', 'speech.busy', /same time/],
  ['RATE_LIMIT_EXCEEDED', 'speech.busy', /slowly/],
  ['TIMEOUT', 'speech.lost', /gave up/],
  ['INTERNAL_SERVER_ERROR', 'speech.unavailable', /fault of its own/],
])('%s is told as %s, with what to do', (asyncCode, code, message) => {
  const error = serviceError({ code: asyncCode })
  expect(error).toMatchObject({ code, message, retryable: code !== 'speech.refused', details: { asyncCode } })
  expect(error.message).toContain(asyncCode)
})

test('a code that is none is not repeated', () => {
  for (const code of ['sk_secret', 'Say this text', '', 'A'.repeat(100)]) {
    const error = serviceError({ code })
    expect(error).toMatchObject({ code: 'speech.refused', details: { asyncCode: 'UNREADABLE' } })
    if (code) expect(`${error.message} ${error.stack}`).not.toContain(code)
  }
})

test('the delay that a busy service asks for is a fact of the error', () => {
  expect(serviceError({ code: 'RATE_LIMIT_EXCEEDED', retryAfterMs: 8500 }).details['retryAfterMs']).toBe(8500)
})

test('a stall says whether anything was heard', () => {
  expect(stalled({ audioMs: 0, silentMs: 10_000 }).message).toContain('no audio')
  expect(stalled({ audioMs: 20, silentMs: 5000 }).message).toContain('before the end of the text')
})
