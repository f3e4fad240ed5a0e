import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { soundOf } from '../../../src/hearing/sound-of.ts'

test('the sound of a payload is what is base64 in it, frame after frame', () => {
  const base64 = fc.uint8Array({ maxLength: 700 }).map((bytes) => Buffer.from(bytes).toString('base64'))
  fc.assert(
    fc.property(fc.array(fc.oneof(base64, fc.string({ unit: 'binary' })), { minLength: 1 }), (payloads) => {
      for (const payload of payloads) expect(soundOf(payload).equals(Buffer.from(payload, 'base64'))).toBe(true)
    }),
  )
})

test('two seconds are heard; what is longer is no frame of a phone', () => {
  const longest = Buffer.alloc(16_002, 7)
  expect(soundOf(longest.toString('base64')).equals(longest)).toBe(true)
  expect(soundOf(Buffer.alloc(16_003, 7).toString('base64'))).toHaveLength(0)
  expect(soundOf('AAAA').equals(Buffer.alloc(3))).toBe(true)
})
