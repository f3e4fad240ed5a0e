import { expect, test } from 'vitest'
import { base64Bytes, bytesToMs, msToBytes } from '../../../src/audio/duration.ts'

test('eight bytes sound for a millisecond', () => {
  expect(bytesToMs(160)).toBe(20)
  expect(msToBytes(20)).toBe(160)
  expect(msToBytes(0.3)).toBe(2)
})

test('the size of base64 is known without decoding it, padded or not', () => {
  for (let length = 0; length < 40; length++) {
    const padded = Buffer.alloc(length, 7).toString('base64')
    expect(base64Bytes(padded)).toBe(length)
    expect(base64Bytes(padded.replaceAll('=', ''))).toBe(length)
  }
})
