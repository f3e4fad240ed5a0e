import { describe, expect, test } from 'vitest'
import {
  closeReasonCode,
  connectionLost,
  frameError,
  handshakeError,
  stalled,
  unreachable,
} from '../../../../src/speech/deepgram/errors.ts'

const requestId = '0f3a2b1c-0000-4000-8000-123456789abc'
const secret = 'Invalid credentials for key 5ecret, text: say this aloud'

/** Every row of Deepgram's table of HTTP errors: status, code in `dg-error` or the body, what is told, tried again. */
test.each([
  [400, undefined, 'speech.refused', false, /DEEPGRAM_VOICE/],
  [400, 'Bad Request', 'speech.refused', false, /DEEPGRAM_VOICE/],
  [400, 'INVALID_QUERY_PARAMETER', 'speech.refused', false, /DEEPGRAM_VOICE/],
  [400, 'UNSUPPORTED_AUDIO_FORMAT', 'speech.refused', false, /mu-law.*DEEPGRAM_VOICE/],
  [400, 'PAYLOAD_ERROR', 'speech.refused', false, /newer callbridge/],
  [401, 'INVALID_AUTH', 'speech.refused', false, /DEEPGRAM_API_KEY/],
  [401, undefined, 'speech.refused', false, /DEEPGRAM_API_KEY/],
  [402, undefined, 'speech.refused', false, /credit.*Top it up/],
  [403, 'INSUFFICIENT_PERMISSIONS', 'speech.refused', false, /role/],
  [403, undefined, 'speech.refused', false, /role/],
  [413, 'PAYLOAD_TOO_LARGE', 'speech.refused', false, /too much at once/],
  [413, 'Payload Too Large', 'speech.refused', false, /too much at once/],
  [415, 'UNSUPPORTED_MEDIA_TYPE', 'speech.refused', false, /kind of message/],
  [429, 'Too Many Requests', 'speech.busy', true, /fewer calls at the same time/],
  [429, 'INVALID_AUTH', 'speech.busy', true, /fewer calls at the same time/],
  [503, undefined, 'speech.unavailable', true, /fault of its own/],
  // Not in the table, but possible of any server, or of one that is not Deepgram.
  [408, undefined, 'speech.unavailable', true, /too long/],
  [500, undefined, 'speech.unavailable', true, /fault of its own/],
  [502, 'INVALID_AUTH', 'speech.unavailable', true, /fault of its own/],
  [200, undefined, 'speech.refused', false, /DEEPGRAM_URL/],
  [301, undefined, 'speech.refused', false, /DEEPGRAM_URL/],
  [404, undefined, 'speech.refused', false, /DEEPGRAM_URL/],
])('HTTP %i with %s is told as %s', (status, code, expected, retryable, message) => {
  const error = handshakeError({ status, codes: [code, undefined], requestId })
  expect(error).toMatchObject({ code: expected, retryable, message, details: { httpStatus: status, requestId } })
  expect(error.message).toContain(`HTTP ${status}`)
})

/** Every row of Deepgram's table of close codes. */
const closes = [
  [1000, '', 'speech.lost', true, /closed the connection/],
  [1003, 'MESSAGE-0000', 'speech.refused', false, /newer callbridge/],
  [1008, 'DATA-0000', 'speech.refused', false, /newer callbridge/],
  [1008, 'DATA-0001', 'speech.busy', true, /more text in a minute/],
  [1009, 'BIG-0000', 'speech.refused', true, /too large.*shorter/],
  [1009, 'BIG-0001', 'speech.refused', true, /too many characters.*shorter/],
  [1011, 'NET-0000', 'speech.unavailable', true, /fault of its own/],
  [1011, 'NET-0001', 'speech.lost', true, /heard nothing from us/],
  [1011, 'NET-0002', 'speech.lost', true, /could not send/],
  [1011, 'NET-0003', 'speech.lost', true, /as long as one may/],
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
    expect(connectionLost({ closeCode: 1006, closeReason: '' })).toMatchObject({ code: 'speech.lost' })
    expect(connectionLost({ closeCode: 4000, closeReason: 'NET-9999' })).toMatchObject({ code: 'speech.lost' })
    expect(connectionLost({ reason: 'silent' })).toMatchObject({ code: 'speech.lost', message: /went dead/ })
    expect(connectionLost({})).toMatchObject({ code: 'speech.lost', details: {} })
  })

  test('a code is found in the reason in either way of writing it, and nothing else is taken for one', () => {
    expect(closeReasonCode('see dpgr.am/net0001')).toBe('NET-0001')
    for (const reason of ['', 'NET', 'NET-00011', 'NET-4242', 'constructor', 'undefined-undefined'])
      expect(closeReasonCode(reason)).toBeUndefined()
  })

  test('an error frame has the same codes; an unknown one is a fault that may pass', () => {
    for (const [, reason, expected] of closes)
      if (reason !== '') expect(frameError(reason)).toMatchObject({ code: expected })
    expect(frameError('INVALID_AUTH')).toMatchObject({ code: 'speech.refused', message: /DEEPGRAM_API_KEY/ })
    for (const code of [undefined, secret, 'NEW_CODE', 'constructor']) {
      const error = frameError(code)
      expect(error).toMatchObject({ code: 'speech.unavailable', retryable: true })
      expect(`${error.message} ${JSON.stringify(error.details)}`).not.toContain('5ecret')
    }
  })
})

test('what the service writes itself is not repeated: only codes, and an id that is one', () => {
  const error = handshakeError({ status: 400, codes: [secret, 'constructor'], requestId: secret })
  expect(error.details).toEqual({ httpStatus: 400 })
  expect(`${error.message} ${String(error.stack)}`).not.toContain('5ecret')
})

test('no connection and a stall say what is known', () => {
  expect(unreachable('ECONNREFUSED').message).toContain('(ECONNREFUSED)')
  expect(unreachable(undefined).message).toContain('DEEPGRAM_URL')
  expect(stalled({ audioMs: 0, silentMs: 10_000 }).message).toContain('no audio')
  expect(stalled({ audioMs: 20, silentMs: 5000 }).message).toContain('before the end of the text')
})
