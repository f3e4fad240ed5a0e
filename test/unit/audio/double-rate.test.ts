import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRateDoubler } from '../../../src/audio/double-rate.ts'
import { createResampler } from '../../../src/audio/resample.ts'

/** Half the length of the filter: 2 ms. */
const lag = 32

function tone(frequencyHz: number, rateHz: number, samples: number, level = 12_000): Int16Array {
  return Int16Array.from({ length: samples }, (_, index) =>
    Math.round(level * Math.sin((2 * Math.PI * frequencyHz * index) / rateHz)),
  )
}

/** Doubled as a call brings it: in pieces of 20 ms. */
function doubled(input: Int16Array): Int16Array {
  const doubler = createRateDoubler()
  const pieces: number[] = []
  for (let at = 0; at < input.length; at += 160) pieces.push(...doubler.push(input.subarray(at, at + 160)))
  return Int16Array.from(pieces)
}

/** The level of one frequency in a whole number of its periods. */
function levelAt(frequencyHz: number, samples: Int16Array): number {
  let real = 0
  let imaginary = 0
  for (const [index, sample] of samples.entries()) {
    const angle = (2 * Math.PI * frequencyHz * index) / 16_000
    real += sample * Math.cos(angle)
    imaginary += sample * Math.sin(angle)
  }
  return (2 * Math.hypot(real, imaginary)) / samples.length
}

test('sound in pieces of any sizes gives, sample for sample, what one piece gives', () => {
  const input = tone(440, 8000, 3000)
  const whole = createRateDoubler().push(input)
  expect(whole.length).toBe(6000)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 12 }), (sizes) => {
      const doubler = createRateDoubler()
      const pieces: number[] = []
      let at = 0
      for (const size of sizes) {
        pieces.push(...doubler.push(input.subarray(at, at + size)))
        at += size
      }
      pieces.push(...doubler.push(input.subarray(at)))
      expect(Int16Array.from(pieces)).toEqual(whole)
    }),
    { numRuns: 25 },
  )
})

test('what comes out is what a resampling of the whole signal gives', async () => {
  const parts = [tone(310, 8000, 8000, 5000), tone(1250, 8000, 8000, 4000), tone(2900, 8000, 8000, 3000)]
  const input = Int16Array.from({ length: 8000 }, (_, index) =>
    parts.reduce((sum, part) => sum + (part[index] ?? 0), 0),
  )
  const resampler = await createResampler(8000, 16_000)
  const whole = [...resampler.push(input), ...resampler.end()].slice(500, 15_500)
  const ours = doubled(input).subarray(500 + lag)
  expect(Math.max(...whole.map((sample, index) => Math.abs(sample - (ours[index] ?? 0))))).toBeLessThan(8)
})

test.each([200, 1000, 2000, 3000, 3400])(
  'a tone of %i Hz keeps its level, and its mirror image and every click at the borders of frames are 60 dB down',
  (frequencyHz) => {
    const output = doubled(tone(frequencyHz, 8000, 8800)).subarray(1600)
    expect(Math.abs(20 * Math.log10(levelAt(frequencyHz, output) / 12_000))).toBeLessThan(0.1)
    expect(20 * Math.log10(levelAt(8000 - frequencyHz, output) / 12_000)).toBeLessThan(-60)
    // Whatever comes again with every frame stands at multiples of 50 Hz.
    for (let hz = 50; hz < 8000; hz += 50)
      if (hz !== frequencyHz) expect(levelAt(hz, output) / 12_000).toBeLessThan(0.001)
  },
)

test('the loudest sound is clipped, not wrapped around', () => {
  const square = Int16Array.from({ length: 800 }, (_, index) => (index % 20 < 10 ? 32_124 : -32_124))
  const output = doubled(square)
  expect([Math.max(...output), Math.min(...output)]).toEqual([32_767, -32_768])
  for (let at = 100; at < 1500; at++) {
    const [before = 0, now = 0, after = 0] = output.subarray(at - 1, at + 2)
    // Wrapped around, one sample would lie on the other side of its neighbours.
    if (before * after > 0) expect(now * before).toBeGreaterThan(0)
  }
})
