import twilio from 'twilio'
import { expect, test } from 'vitest'
import { signedUrl, signRequest } from '../../../../src/simulator/phone-network/signing.ts'

test("the vendor's own example comes out", () => {
  const parameters = new Map([
    ['CallSid', 'CA1234567890ABCDE'],
    ['Caller', '+14158675310'],
    ['Digits', '1234'],
    ['From', '+14158675310'],
    ['To', '+18005551212'],
  ])
  expect(signRequest('12345', 'https://example.com/myapp.php?foo=1&bar=2', parameters)).toBe(
    'L/OH5YylLD5NRKLltdqwSvS0BnU=',
  )
})

test.each([
  ['https://h.example:8443/a?b=1#rc=2', 'https://h.example/a?b=1'],
  ['https://[::1]:8443/a', 'https://[::1]/a'],
  ['http://h.example:8080/a', 'http://h.example:8080/a'],
  ['https://user:pass@h.example/a@b', 'https://h.example/a@b'],
  ["https://h.example/a?x=%20'y", "https://h.example/a?x=%20'y"],
])('of %s, %s is signed', (url, signed) => {
  expect(signedUrl(url)).toBe(signed)
})

test('what is signed passes the official validator, whatever the parameters', () => {
  const parameters = new Map([
    ['b', ''],
    ['a', 'ä & ☎'],
    ['B', ' spaces '],
  ])
  const url = 'https://h.example/voice'
  const signature = signRequest('token', url, parameters)
  expect(twilio.validateRequest('token', signature, url, Object.fromEntries(parameters))).toBe(true)
})
