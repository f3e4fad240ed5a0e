import { expect, test } from 'vitest'
import { dtmf } from '../../../src/audio/dtmf.ts'
import { decodeMulaw } from '../../../src/audio/mulaw.ts'
import { keysHeard, power } from '../../../src/simulator/key-tones.ts'

test('every key is told from its tones by a detector, in order', () => {
  expect(keysHeard(dtmf('0123456789ABCD*#'))).toBe('0123456789ABCD*#')
  expect(keysHeard(dtmf('1122'))).toBe('1122')
})

test('a key sounds for 100 ms with 100 ms of silence behind it, and w is half a second of silence', () => {
  const silent = (bytes: Uint8Array) => bytes.every((byte) => byte === 0xff)
  const audio = dtmf('5w#')
  expect(audio).toHaveLength(8 * (200 + 500 + 200))
  expect(silent(audio.subarray(800, 1600 + 4000))).toBe(true)
  expect(silent(audio.subarray(6400))).toBe(true)
  for (const from of [0, 5600]) {
    for (let at = from; at < from + 800; at += 100) expect(silent(audio.subarray(at, at + 100))).toBe(false)
  }
})

test('both tones have the level of a telephone, and the higher is the louder by 2 dB', () => {
  // 8: 852 and 1336 Hz. A sine of 0 dBm0 lies 3.17 dB below the loudest that mu-law has.
  const samples = decodeMulaw(dtmf('8').subarray(80, 720))
  const dbm0 = (hz: number) => 20 * Math.log10(power(samples, hz) / 32_124) + 3.17
  expect(dbm0(852)).toBeCloseTo(-10, 0)
  expect(dbm0(1336)).toBeCloseTo(-8, 0)
  expect(dbm0(1336) - dbm0(852)).toBeCloseTo(2, 0)
})

test('what is no key is refused in words that do not repeat it', () => {
  for (const keys of ['', '12a', '1 2', '1\n', 'ö', '1'.repeat(101), 'W'])
    expect(() => dtmf(keys)).toThrow(/^expected 1 to 100 keys of 0 to 9, A to D, \*, # and w, got/)
  expect(() => dtmf('4711x')).not.toThrow(/4711/)
})
