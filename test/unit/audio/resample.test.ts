import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createResampler, outputSamples } from '../../../src/audio/resample.ts'

const fromHz = 22_050
const toHz = 8000

function tone(frequencyHz: number, rateHz: number, samples: number): Int16Array {
  return Int16Array.from({ length: samples }, (_, index) =>
    Math.round(12_000 * Math.sin((2 * Math.PI * frequencyHz * index) / rateHz)),
  )
}

function concat(pieces: readonly Int16Array[]): Int16Array {
  return Int16Array.from(pieces.flatMap((piece) => [...piece]))
}

test('a stream in pieces of any sizes gives, sample for sample, what one piece gives', async () => {
  const resampler = await createResampler(fromHz, toHz)
  const input = tone(440, fromHz, 9000)
  const whole = concat([resampler.push(input), resampler.end()])
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 12 }), (sizes) => {
      const pieces: Int16Array[] = []
      let at = 0
      for (const size of sizes) {
        pieces.push(resampler.push(input.subarray(at, at + size)))
        at += size
      }
      pieces.push(resampler.push(input.subarray(at)), resampler.end())
      expect(concat(pieces)).toEqual(whole)
    }),
    { numRuns: 25 },
  )
})

test('pieces of 100 ms of a tone give that tone at the new rate, without a click', async () => {
  const resampler = await createResampler(fromHz, toHz)
  const seconds = 2
  const input = tone(440, fromHz, fromHz * seconds)
  const pieces: Int16Array[] = []
  for (let at = 0; at < input.length; at += 2205) pieces.push(resampler.push(input.subarray(at, at + 2205)))
  pieces.push(resampler.end())
  const output = concat(pieces)
  const ideal = tone(440, toHz, toHz * seconds)
  expect(output.length).toBe(ideal.length)
  // The first and last 20 ms are left out: there the tone begins and ends abruptly, which no filter can follow.
  const errors = ideal.subarray(160, -160).map((sample, index) => Math.abs(sample - (output[index + 160] ?? 0)))
  expect(Math.max(...errors)).toBeLessThan(12)
})

test('output is as long as input, to the sample, for every length and rate', async () => {
  for (const rateHz of [8000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000]) {
    const resampler = await createResampler(rateHz, toHz)
    for (const samples of [0, 1, 2, 100, 2205, 30_000]) {
      const output = concat([resampler.push(tone(300, rateHz, samples)), resampler.end()])
      expect([rateHz, samples, output.length]).toEqual([rateHz, samples, outputSamples(samples, rateHz, toHz)])
    }
  }
})

test('a new stream hears nothing of the one before', async () => {
  const resampler = await createResampler(fromHz, toHz)
  resampler.push(tone(1000, fromHz, 5000))
  resampler.end()
  const next = concat([resampler.push(new Int16Array(4000)), resampler.end()])
  expect(next.length).toBe(outputSamples(4000, fromHz, toHz))
  expect(next.every((sample) => sample === 0)).toBe(true)
})

test('the loudest input is clipped, not wrapped around', async () => {
  const resampler = await createResampler(fromHz, toHz)
  const square = (level: number) =>
    Int16Array.from({ length: 8000 }, (_, index) => (index % 200 < 100 ? level : -level))
  const soft = concat([resampler.push(square(10_000)), resampler.end()])
  const loud = concat([resampler.push(square(32_767)), resampler.end()])
  // The filter overshoots at each edge. Wrapped around, a sample above the top would turn into one below zero.
  expect(Math.max(...loud)).toBe(32_767)
  expect(Math.min(...loud)).toBe(-32_768)
  const flipped = soft.filter((sample, index) => Math.abs(sample) > 100 && sample * (loud[index] ?? 0) < 0)
  expect(flipped.length).toBe(0)
})

test('what lies above the new band is removed, not folded into it', async () => {
  const resampler = await createResampler(fromHz, toHz)
  const output = concat([resampler.push(tone(6000, fromHz, 20_000)), resampler.end()])
  expect(Math.max(...output.subarray(160, -160).map((sample) => Math.abs(sample)))).toBeLessThan(12)
})

test('a rate that is none is refused', async () => {
  await expect(createResampler(0, 8000)).rejects.toThrow('got 0')
  await expect(createResampler(22_050.5, 8000)).rejects.toThrow('expected a sample rate')
  await expect(createResampler(8000, Number.NaN)).rejects.toThrow('got NaN')
})
