import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { asBridgeError, type ErrorCode } from '../../../../src/errors.ts'
import { type ErrorCode as AsyncCode, errorCodes } from '../../../../src/simulator/async/error-frames.ts'
import { createSteppedClock } from '../../../../src/simulator/clock.ts'
import { startAsyncService } from '../../../../src/simulator/async/service.ts'
import { httpError } from '../../../../src/speech/async/http-errors.ts'
import { createAsyncVoices } from '../../../../src/speech/async/voices.ts'

/** Every error that Async documents for its HTTP API: what a person is told, and whether another try may help. */
const rows: [code: AsyncCode, status: number, told: ErrorCode, words: RegExp, details?: object][] = [
  ['INVALID_LANGUAGE', 400, 'speech.refused', /does not speak the language/],
  ['FORMAT_NOT_RECOGNIZED', 400, 'speech.refused', /audio format.*WAV, MP3, FLAC or AIFF/],
  ['VOICE_FIELD_UPDATE_NOT_ALLOWED', 400, 'speech.refused', /does not let this be changed/],
  ['SHORT_SPEECH_DURATION', 400, 'speech.refused', /3 seconds/],
  ['BAD_SPEECH_QUALITY', 400, 'speech.refused', /one speaker.*--enhance/],
  ['VOICE_CLONE_LIMIT_EXCEEDED', 400, 'speech.refused', /no more cloned voices/],
  ['INVALID_API_KEY', 401, 'speech.refused', /ASYNC_API_KEY/],
  ['VOICE_NOT_FOUND', 404, 'speech.refused', /does not know the voice/],
  ['VERSION_NOT_FOUND', 404, 'speech.refused', /ASYNC_VERSION=v1/],
  ['VOICE_PREVIEW_NOT_FOUND', 404, 'speech.refused', /no preview/],
  ['TOKEN_NOT_FOUND', 404, 'speech.refused', /ASYNC_API_KEY/],
  ['FILE_TOO_LARGE', 413, 'speech.refused', /10 MB/],
  ['TOO_MANY_CONCURRENT_REQUESTS', 429, 'speech.busy', /at once/, { limit: 5, current: 7 }],
  ['RATE_LIMIT_EXCEEDED', 429, 'speech.busy', /more requests/, { limit: 120, retryAfterMs: 8500 }],
  ['USAGE_LIMIT_EXCEEDED', 429, 'speech.refused', /allowance/, { limit: 1_000_000, current: 1_250_000 }],
]

test('the table has every documented code', () => {
  const rest = ['TIMEOUT', 'MODEL_NOT_FOUND', 'INVALID_REQUEST', 'INTERNAL_SERVER_ERROR', 'NOT_FOUND']
  expect(rows.map(([code]) => code)).toEqual(errorCodes.filter((code) => !rest.includes(code)))
})

describe.each(['detail', 'flat'] as const)('in the form "%s"', (form) => {
  test.each(rows)('%s (HTTP %i) is told as %s, in words', async (code, status, told, words, details = {}) => {
    const clock = createSteppedClock()
    const extra = code === 'INVALID_API_KEY' ? { extra: { api_key: 'sk_…9999' } } : {}
    const incidents = [{ at: 'voices', what: { kind: 'error', code, ...extra } }] as const
    const service = await startAsyncService({ clock, behaviour: { httpErrorForm: form, incidents } })
    const { url, apiKey, voiceId } = service
    const voices = createAsyncVoices({ url, apiKey, version: 'v1' }, { clock })
    const error = await clock.runUntil(voices.get(voiceId).catch(asBridgeError))
    expect(error).toMatchObject({ code: told, retryable: told === 'speech.busy' })
    expect(error).toMatchObject({ message: words, details: { asyncCode: code, httpStatus: status, ...details } })
    expect(inspect(error, { depth: 10 })).not.toMatch(/sk_…|api_key/)
    await service.close()
  })
})

test('a 500 has a form of its own: only its status is told', () => {
  const body = JSON.stringify({ message: 'Oops', method: 'GET', url: '/?secret', detail: 'Traceback secret' })
  const error = httpError(500, body)
  expect(error).toMatchObject({ code: 'speech.unavailable', retryable: true, details: { httpStatus: 500 } })
  expect(inspect(error)).not.toMatch(/secret|Oops/)
})

test.each([
  [400, 'speech.refused', /options/],
  [422, 'speech.refused', /options/],
  [401, 'speech.refused', /ASYNC_API_KEY/],
  [403, 'speech.refused', /ASYNC_API_KEY/],
  [402, 'speech.refused', /topped up/],
  [404, 'speech.refused', /ASYNC_URL/],
  [302, 'speech.refused', /ASYNC_URL/],
  [408, 'speech.unavailable', /fault/],
  [413, 'speech.refused', /too large/],
  [429, 'speech.busy', /too many/],
  [503, 'speech.unavailable', /fault/],
] as const)('HTTP %i without a readable error is told as %s', (status, code, message) => {
  for (const body of ['', '<html>', '[]', 'null', '{"detail":[{"loc":["body"],"msg":"secret"}]}', '{"error_code":1}']) {
    const error = httpError(status, body)
    expect(error).toMatchObject({ code, message, details: { httpStatus: status } })
    expect(inspect(error)).not.toContain('secret')
  }
})

test('numbers that are none, and codes that are none, are not passed on', () => {
  const extra = { limit: '5', current: Number.MAX_VALUE, retry_after_ms: -1 }
  const body = JSON.stringify({ error_code: 'sk_secret', message: 'secret', extra })
  const error = httpError(429, body)
  expect(error.details).toEqual({ asyncCode: 'UNREADABLE', httpStatus: 429, current: Number.MAX_VALUE })
  expect(inspect(error)).not.toContain('secret')
})
