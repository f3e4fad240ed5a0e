import { expect, test } from 'vitest'
import { rejectedByTwilio, streamErrorInWords, streamStripped } from '../../../src/twilio/errors.ts'

test.each([
  [20003, 401, /TWILIO_AUTH_TOKEN/],
  [20404, 404, /TWILIO_ACCOUNT_SID/],
  [20429, 429, /try again/],
  [21205, 400, /URL/],
  [21210, 400, /TWILIO_FROM_NUMBER.*verify/],
  [21211, 400, /country code/],
  [21212, 400, /TWILIO_FROM_NUMBER/],
  [21214, 400, /reached/],
  [21215, 400, /Geo permissions/],
  [21216, 400, /customer profile/],
  [21217, 400, /country code/],
  [21219, 400, /Verify/],
  [573005, 400, /verified/],
  [573002, 400, /trial number/],
  [10004, 400, /2 without an approved customer profile/],
  [32018, 400, /4000 characters/],
  [21626, 400, /status callback event/],
  [22005, 400, /queue/],
])('error %i is told in words that say what to do, and with its code', (twilioCode, httpStatus, words) => {
  const error = rejectedByTwilio({ twilioCode, httpStatus })
  expect(error.code).toBe('twilio.rejected')
  expect(error.message).toMatch(words)
  expect(error.message).toContain(`(Twilio error ${twilioCode})`)
  expect(error.details).toEqual({ twilioCode, httpStatus })
})

test('only what may pass by itself is worth another try', () => {
  const retryable = [20003, 21211, 21215, 10004, 20429, 22005].filter(
    (twilioCode) => rejectedByTwilio({ twilioCode, httpStatus: 400 }).retryable,
  )
  expect(retryable).toEqual([10004, 20429, 22005])
})

test('a code that is not in the table leads to its page', () => {
  expect(rejectedByTwilio({ twilioCode: 21999, httpStatus: 400 }).message).toContain('/docs/errors/21999')
})

test('without a code of Twilio the HTTP status says what it can', () => {
  expect(rejectedByTwilio({ httpStatus: 401 }).details).toEqual({ twilioCode: 20003, httpStatus: 401 })
  expect(rejectedByTwilio({ httpStatus: 429 }).retryable).toBe(true)
  const other = rejectedByTwilio({ httpStatus: 301 })
  expect(other.message).toMatch(/HTTP 301.*TWILIO_API_URL/)
  expect(other.details).toEqual({ twilioCode: null, httpStatus: 301 })
})

test.each([
  31900, 31901, 31902, 31903, 31904, 31910, 31920, 31921, 31922, 31923, 31924, 31930, 31931, 31941, 31950, 31951,
])('stream error %i has words of its own', (code) => {
  expect(streamErrorInWords(code)).toMatch(new RegExp(`\\(Twilio error ${code}\\)$`))
  expect(streamErrorInWords(code)).not.toContain('docs/errors')
})

test('an unknown stream error leads to its page', () => {
  expect(streamErrorInWords(31999)).toContain('/docs/errors/31999')
})

test('a stream that was taken out of the instructions is told as what it probably is: a trial account', () => {
  expect(streamStripped()).toMatchObject({ code: 'stream.stripped', message: expect.stringMatching(/Trial.*upgrade/) })
})
