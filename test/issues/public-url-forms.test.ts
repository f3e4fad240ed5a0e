import { expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'

const needed = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'token',
  SPEECH_PROVIDERS: 'local',
}

test.each([
  ['HTTPS://Example.COM:443/Prefix/', 'https://example.com/Prefix'],
  ['https:/example.com', 'https://example.com'],
  ['https://example.com/?', 'https://example.com'],
  ['https://example.com\\prefix', 'https://example.com/prefix'],
  ['https://exämple.com', 'https://xn--exmple-cua.com'],
  ['http://LOCALHOST:3000', 'http://localhost:3000'],
])('an address is kept in the one form in which Twilio can be given it and signs it: %s', (given, kept) => {
  const { PUBLIC_URL, TWILIO_API_URL } = readConfig('serve', { ...needed, PUBLIC_URL: given, TWILIO_API_URL: given })
  expect([PUBLIC_URL, TWILIO_API_URL]).toEqual([kept, kept])
})
