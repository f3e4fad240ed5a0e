import { expect, test } from 'vitest'
import { isLoopback, mediaStreamUrl } from '../../../src/twilio/stream-url.ts'

test.each([
  ['https://voice.example.com', 'wss://voice.example.com/twilio/media'],
  ['https://voice.example.com/', 'wss://voice.example.com/twilio/media'],
  ['https://Voice.Example.com:443', 'wss://voice.example.com/twilio/media'],
  ['https://voice.example.com:8443', 'wss://voice.example.com:8443/twilio/media'],
  ['https://voice.example.com/bridge/', 'wss://voice.example.com/bridge/twilio/media'],
  ['https://user:secret@voice.example.com', 'wss://voice.example.com/twilio/media'],
  ['http://127.0.0.1:4000', 'ws://127.0.0.1:4000/twilio/media'],
  ['http://localhost:4000', 'ws://localhost:4000/twilio/media'],
  ['http://[::1]:4000', 'ws://[::1]:4000/twilio/media'],
])('the media stream of %s is at %s', (publicUrl, expected) => {
  expect(mediaStreamUrl(publicUrl, '/twilio/media')).toBe(expected)
})

test.each(['http://voice.example.com', 'http://127.0.0.1.example.com', 'ftp://x', 'voice.example.com', ''])(
  'there is no media stream of %s',
  (publicUrl) => {
    expect(() => mediaStreamUrl(publicUrl, '/twilio/media')).toThrow(
      expect.objectContaining({ code: 'config.invalid' }),
    )
  },
)

test('loopback is this machine and nothing that only looks like it', () => {
  for (const host of ['localhost', 'a.localhost', '127.0.0.1', '127.9.9.9', '[::1]'])
    expect(isLoopback(host)).toBe(true)
  for (const host of ['localhost.example.com', '127.0.0.1.nip.io', '10.0.0.1', '0.0.0.0', 'notlocalhost', ''])
    expect(isLoopback(host)).toBe(false)
})
