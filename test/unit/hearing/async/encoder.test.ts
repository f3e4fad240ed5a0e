import { expect, test } from 'vitest'
import { createRateDoubler } from '../../../../src/audio/double-rate.ts'
import { decodeMulaw, encodeMulaw } from '../../../../src/audio/mulaw.ts'
import { createEncoder } from '../../../../src/hearing/async/encoder.ts'

const sound = encodeMulaw(
  Int16Array.from({ length: 5000 }, (_, n) => Math.round(9000 * Math.sin(n / 5) + 3000 * Math.sin(n / 31))),
)

test('mu-law in frames of 20 ms becomes PCM16 at 16,000 Hz, little-endian, in frames of 250 ms, without a seam', () => {
  const encoder = createEncoder()
  const frames: Uint8Array[] = []
  for (let at = 0; at < sound.length; at += 160) frames.push(...encoder.push(sound.subarray(at, at + 160)))
  expect([frames.length, encoder.framedMs]).toEqual([2, 500])
  frames.push(...encoder.rest())
  expect([frames.map(({ length }) => length), encoder.framedMs]).toEqual([[8000, 8000, 4000], 625])
  const sent = Buffer.concat(frames)
  const samples = Int16Array.from({ length: sent.length / 2 }, (_, n) => sent.readInt16LE(2 * n))
  expect(samples).toEqual(createRateDoubler().push(decodeMulaw(sound)))
  expect(encoder.rest()).toEqual([])
})

test('sound of any length at once is cut into frames; a frame that was given out is not written over', () => {
  const encoder = createEncoder()
  const [first, second] = encoder.push(new Uint8Array([...sound, ...sound]).subarray(0, 4100))
  const copy = Uint8Array.from(first ?? [])
  encoder.push(sound)
  expect([first?.length, second?.length]).toEqual([8000, 8000])
  expect(Uint8Array.from(first ?? [])).toEqual(copy)
})
