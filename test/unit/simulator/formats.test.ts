import { expect, test } from 'vitest'
import { decodeMulaw, encodeMulaw } from '../../../src/audio/mulaw.ts'
import { readWav } from '../../../src/audio/read-wav.ts'
import { encodeAlaw } from '../../../src/simulator/alaw.ts'
import { createEncoder } from '../../../src/simulator/encoder.ts'
import { wavHeader } from '../../../src/simulator/wav-container.ts'

/** The decoder of G.711's tables, written the other way round than our encoder. */
function decodeAlaw(byte: number): number {
  const bits = byte ^ 0x55
  const exponent = (bits >> 4) & 7
  const mantissa = bits & 0x0f
  const magnitude = exponent === 0 ? (mantissa << 4) + 8 : ((mantissa << 4) + 0x108) << (exponent - 1)
  return bits & 0x80 ? magnitude : -magnitude
}

test.each([
  [0, 0xd5],
  [-1, 0x55],
  [32_767, 0xaa],
  [-32_768, 0x2a],
  [1000, 0xfa],
])('of A-law, %i is 0x%x', (sample, byte) => {
  expect([...encodeAlaw(Int16Array.of(sample))]).toEqual([byte])
})

test('A-law is never further off than half of its step', () => {
  const samples = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768)
  const worst = encodeAlaw(samples).reduce((most, byte, index) => {
    const sample = samples[index] ?? 0
    const step = Math.max(16, 2 ** (Math.floor(Math.log2(Math.abs(sample) + 1)) - 4))
    return Math.max(most, Math.abs(decodeAlaw(byte) - sample) / step)
  }, 0)
  expect(worst).toBeLessThanOrEqual(0.6)
})

test('a WAV of a stream, whose sizes nobody knows, is read to its end', () => {
  const mulaw = encodeMulaw(Int16Array.from({ length: 400 }, (_, index) => index * 10))
  for (const encoding of ['pcm_mulaw', 'pcm_s16le'] as const) {
    const format = { encoding, sampleRateHz: 8000 }
    const wav = readWav(Buffer.concat([wavHeader(format), createEncoder(format)(mulaw)]))
    expect(wav).toMatchObject({ channels: 1, sampleRateHz: 8000 })
    expect([...wav.audio]).toEqual([...(encoding === 'pcm_mulaw' ? mulaw : decodeMulaw(mulaw))])
  }
})
