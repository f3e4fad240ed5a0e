import { expect, test } from 'vitest'
import { connectionLost, frameError, handshakeError, unreachable } from '../../../../src/hearing/async/errors.ts'

test.each([
  [401, 'INVALID_API_KEY', 'hearing.refused', /ASYNC_API_KEY.*\(HTTP 401, INVALID_API_KEY\)/],
  [401, undefined, 'hearing.refused', /ASYNC_API_KEY.*\(HTTP 401\)/],
  [404, 'TOKEN_NOT_FOUND', 'hearing.refused', /ASYNC_API_KEY/],
  [400, 'INVALID_LANGUAGE', 'hearing.refused', /HEARING_LANGUAGE/],
  [402, undefined, 'hearing.refused', /Top it up/],
  [403, 'what was said', 'hearing.refused', /\(HTTP 403\)/],
  [404, undefined, 'hearing.refused', /ASYNC_URL/],
  [200, undefined, 'hearing.refused', /ASYNC_URL/],
  [429, 'USAGE_LIMIT_EXCEEDED', 'hearing.refused', /Top it up/],
  [429, 'TOO_MANY_CONCURRENT_REQUESTS', 'hearing.busy', /fewer calls/],
  [429, undefined, 'hearing.busy', /fewer calls/],
  [408, undefined, 'hearing.unavailable', /fault of its own/],
  [503, 'INVALID_API_KEY', 'hearing.unavailable', /fault of its own/],
] as const)('a handshake answered with %i %s is %s', (status, asked, code, message) => {
  const error = handshakeError(status, asked)
  expect(error).toMatchObject({ code, retryable: code !== 'hearing.refused', details: { httpStatus: status } })
  expect(error.message).toMatch(message)
  expect(error.message).not.toContain('what was said')
})

test.each([
  ['INVALID_API_KEY', 'hearing.refused'],
  ['USAGE_LIMIT_EXCEEDED', 'hearing.refused'],
  ['RATE_LIMIT_EXCEEDED', 'hearing.busy'],
  ['TIMEOUT', 'hearing.lost'],
  ['what was said', 'hearing.unavailable'],
  [undefined, 'hearing.unavailable'],
] as const)('an error frame with %s is %s', (asked, code) => {
  const error = frameError(asked)
  expect(error.code).toBe(code)
  expect(JSON.stringify([error.message, error.details])).not.toContain('what was said')
})

test('no connection, and one that is lost, may be had again', () => {
  expect(unreachable('ECONNREFUSED')).toMatchObject({ code: 'hearing.unavailable', details: { cause: 'ECONNREFUSED' } })
  expect(unreachable(undefined).message).toContain('ASYNC_URL')
  expect(connectionLost({ reason: 'silent' })).toMatchObject({ code: 'hearing.lost', details: { reason: 'silent' } })
  expect(connectionLost({ closeCode: 1011 }).details).toEqual({ closeCode: 1011 })
})
