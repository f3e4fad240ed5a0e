import { expect, test } from 'vitest'
import { decodeMulaw, encodeMulaw, silence } from '../../../src/audio/mulaw.ts'

/** Upper ends of the eight segments, as 14-bit magnitudes with the bias of 33 added (ITU-T G.711, table 2a). */
const segmentEnds = [0x3f, 0x7f, 0xff, 0x1ff, 0x3ff, 0x7ff, 0xfff, 0x1fff]

/** G.711 by searching the segment, unlike the product, which computes it. */
function reference(sample: number): number {
  const magnitude = Math.min(Math.abs(sample) >> 2, 8158) + 33
  const segment = segmentEnds.findIndex((end) => magnitude <= end)
  const code = (segment << 4) | ((magnitude >> (segment + 1)) & 0x0f)
  return code ^ (sample < 0 ? 0x7f : 0xff)
}

const everySample = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768)

test('every 16-bit sample is encoded as G.711 says', () => {
  expect([...encodeMulaw(everySample)]).toEqual([...everySample].map(reference))
})

test('a decoded sample lies within half a quantisation step of the encoded one, up to the loudest that exists', () => {
  const decoded = decodeMulaw(encodeMulaw(everySample))
  for (const [index, sample] of everySample.entries()) {
    const loud = Math.min(Math.abs(sample), 32_124)
    const halfStep = 4 << Math.max(0, 31 - Math.clz32(Math.min(loud + 132, 32_767)) - 7)
    const error = Math.abs(Math.sign(sample) * loud - (decoded[index] ?? Number.NaN))
    if (!(error <= halfStep)) expect.fail(`${sample} became ${decoded[index]}`)
  }
})

test('every byte but negative zero survives decoding and encoding', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
  const again = encodeMulaw(decodeMulaw(bytes))
  expect([...again]).toEqual([...bytes].map((byte) => (byte === 0x7f ? 0xff : byte)))
})

test('0xFF and 0x7F are silence, 0x80 and 0x00 the loudest samples', () => {
  expect(silence).toBe(0xff)
  expect([...decodeMulaw(Uint8Array.of(0xff, 0x7f, 0x80, 0x00))]).toEqual([0, 0, 32_124, -32_124])
  expect([...encodeMulaw(Int16Array.of(0, 32_767, -32_768))]).toEqual([0xff, 0x80, 0x00])
})
