import { describe, expect, test } from 'vitest'
import { connectionLost, frameError, handshakeError, unreachable } from '../../../../src/hearing/deepgram/errors.ts'

const requestId = '0f3a2b1c-0000-4000-8000-123456789abc'
const secret = 'Invalid credentials for key 5ecret, heard: what was said'

/** Every row of Deepgram's table of HTTP errors: status, code in `dg-error` or the body, what is told, tried again. */
test.each([
  [400, undefined, 'hearing.refused', false, /HEARING_MODEL/],
  [400, 'Bad Request', 'hearing.refused', false, /HEARING_MODEL/],
  [400, 'INVALID_QUERY_PARAMETER', 'hearing.refused', false, /HEARING_MODEL/],
  [400, 'UNSUPPORTED_AUDIO_FORMAT', 'hearing.refused', false, /mu-law.*HEARING_MODEL/],
  [400, 'PAYLOAD_ERROR', 'hearing.refused', false, /newer callbridge/],
  [401, 'INVALID_AUTH', 'hearing.refused', false, /DEEPGRAM_API_KEY/],
  [401, undefined, 'hearing.refused', false, /DEEPGRAM_API_KEY/],
  [402, undefined, 'hearing.refused', false, /credit.*Top it up/],
  [403, 'INSUFFICIENT_PERMISSIONS', 'hearing.refused', false, /role/],
  [403, undefined, 'hearing.refused', false, /role/],
  [413, 'PAYLOAD_TOO_LARGE', 'hearing.refused', false, /too much at once/],
  [413, 'Payload Too Large', 'hearing.refused', false, /too much at once/],
  [415, 'UNSUPPORTED_MEDIA_TYPE', 'hearing.refused', false, /kind of message/],
  [429, 'Too Many Requests', 'hearing.busy', true, /fewer calls at the same time/],
  [429, 'INVALID_AUTH', 'hearing.busy', true, /fewer calls at the same time/],
  [503, undefined, 'hearing.unavailable', true, /fault of its own/],
  // Not in the table, but possible of any server, or of one that is not Deepgram.
  [408, undefined, 'hearing.unavailable', true, /too long/],
  [500, undefined, 'hearing.unavailable', true, /fault of its own/],
  [502, 'INVALID_AUTH', 'hearing.unavailable', true, /fault of its own/],
  [200, undefined, 'hearing.refused', false, /DEEPGRAM_URL/],
  [301, undefined, 'hearing.refused', false, /DEEPGRAM_URL/],
  [404, undefined, 'hearing.refused', false, /DEEPGRAM_URL/],
])('HTTP %i with %s is told as %s', (status, code, expected, retryable, message) => {
  const error = handshakeError({ status, codes: [code, undefined], requestId })
  expect(error).toMatchObject({ code: expected, retryable, message, details: { httpStatus: status, requestId } })
  expect(error.message).toContain(`HTTP ${status}`)
})

/** Every close code that Deepgram documents for its sockets and that listening can meet. */
const closes = [
  [1000, '', 'hearing.lost', true, /closed the connection/],
  [1003, 'MESSAGE-0000', 'hearing.refused', false, /newer callbridge/],
  [1008, 'DATA-0000', 'hearing.refused', false, /could not read the audio/],
  [1009, 'BIG-0000', 'hearing.refused', false, /too large/],
  [1011, 'NET-0000', 'hearing.lost', true, /no text in time/],
  [1011, 'NET-0001', 'hearing.lost', true, /no audio from us/],
  [1011, 'NET-0002', 'hearing.lost', true, /could not send/],
  [1011, 'NET-0003', 'hearing.lost', true, /as long as one may/],
] as const

describe('the end of a connection', () => {
  test.each(closes)('%i %s is told as %s', (closeCode, reason, expected, retryable, message) => {
    const forms = [reason, `Deepgram did not ${secret}. See https://dpgr.am/${reason.toLowerCase().replace('-', '')}`]
    for (const closeReason of forms) {
      const error = connectionLost({ closeCode, closeReason })
      expect(error).toMatchObject({ code: expected, retryable, message, details: { closeCode } })
      if (reason !== '') expect(error).toMatchObject({ details: { deepgramCode: reason } })
      expect(`${error.message} ${JSON.stringify(error.details)}`).not.toContain('5ecret')
    }
  })

  test('any other close, and silence, is a loss', () => {
    expect(connectionLost({ closeCode: 1006, closeReason: '' })).toMatchObject({ code: 'hearing.lost' })
    expect(connectionLost({ closeCode: 4000, closeReason: 'NET-9999' })).toMatchObject({ code: 'hearing.lost' })
    expect(connectionLost({ reason: 'silent' })).toMatchObject({ code: 'hearing.lost', message: /went dead/ })
    expect(connectionLost({})).toMatchObject({ code: 'hearing.lost', details: {} })
  })

  test('an error frame has the same codes; an unknown one is a fault that may pass', () => {
    for (const [, reason, expected] of closes)
      if (reason !== '') expect(frameError(reason)).toMatchObject({ code: expected })
    expect(frameError('INVALID_AUTH')).toMatchObject({ code: 'hearing.refused', message: /DEEPGRAM_API_KEY/ })
    for (const code of [undefined, secret, 'NEW_CODE', 'constructor']) {
      const error = frameError(code)
      expect(error).toMatchObject({ code: 'hearing.unavailable', retryable: true })
      expect(`${error.message} ${JSON.stringify(error.details)}`).not.toContain('5ecret')
    }
  })
})

test('what the service writes itself is not repeated: only codes, and an id that is one', () => {
  const error = handshakeError({ status: 400, codes: [secret, 'constructor'], requestId: secret })
  expect(error.details).toEqual({ httpStatus: 400 })
  expect(`${error.message} ${String(error.stack)}`).not.toContain('5ecret')
})

test('no connection says what is known', () => {
  expect(unreachable('ECONNREFUSED').message).toContain('(ECONNREFUSED)')
  expect(unreachable(undefined).message).toContain('DEEPGRAM_URL')
})
