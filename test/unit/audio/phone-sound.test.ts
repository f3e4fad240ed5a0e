import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeMulaw, encodeMulaw } from '../../../src/audio/mulaw.ts'
import { createPhoneSound } from '../../../src/audio/phone-sound.ts'

const bytesOf = (samples: Int16Array) => {
  const bytes = Buffer.alloc(samples.length * 2)
  samples.forEach((sample, at) => bytes.writeInt16LE(sample, at * 2))
  return bytes
}
const samples = Int16Array.from({ length: 3_000 }, (_, at) => Math.round(9_000 * Math.sin(at / 7) + (at % 11) * 90))

test('phone audio passes byte for byte', async () => {
  const sound = await createPhoneSound({ encoding: 'mulaw', channels: 1, sampleRateHz: 8000 })
  const audio = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  expect([...sound.push(audio), ...sound.end()]).toEqual([...audio])
})

test('linear samples of 8,000 Hz are encoded one by one, and channels become their mean', async () => {
  const mono = await createPhoneSound({ encoding: 'pcm16', channels: 1, sampleRateHz: 8000 })
  expect(mono.push(bytesOf(samples))).toEqual(encodeMulaw(samples))
  const stereo = await createPhoneSound({ encoding: 'pcm16', channels: 2, sampleRateHz: 8000 })
  expect(stereo.push(bytesOf(Int16Array.of(1000, 3000, -400, -200)))).toEqual(encodeMulaw(Int16Array.of(2000, -300)))
  const two = await createPhoneSound({ encoding: 'mulaw', channels: 2, sampleRateHz: 8000 })
  const [left = 0, right = 0] = decodeMulaw(Uint8Array.of(0x10, 0x95))
  expect(two.push(Uint8Array.of(0x10, 0x95))).toEqual(encodeMulaw(Int16Array.of(Math.round((left + right) / 2))))
})

const formats = [
  { encoding: 'pcm16', channels: 1, sampleRateHz: 8000 },
  { encoding: 'pcm16', channels: 2, sampleRateHz: 8000 },
  { encoding: 'pcm16', channels: 3, sampleRateHz: 22_050 },
  { encoding: 'mulaw', channels: 2, sampleRateHz: 16_000 },
] as const

test.each(formats)(
  '$encoding, $channels channels, $sampleRateHz Hz: pieces cut anywhere give what one piece gives',
  async (format) => {
    const audio = bytesOf(samples)
    const one = await createPhoneSound(format)
    const whole = Buffer.concat([one.push(audio), one.end()])
    const frames = Math.floor(audio.length / (format.channels * (format.encoding === 'mulaw' ? 1 : 2)))
    expect(whole.length).toBe(Math.round((frames * 8000) / format.sampleRateHz))
    // `end` begins anew, so that one will do.
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 999 }), { maxLength: 8 }), (sizes) => {
        const cut: Uint8Array[] = []
        let at = 0
        for (const size of sizes) {
          cut.push(one.push(audio.subarray(at, at + size)))
          at += size
        }
        cut.push(one.push(audio.subarray(at)), one.end())
        expect(Buffer.compare(Buffer.concat(cut), whole)).toBe(0)
      }),
      { numRuns: 20 },
    )
  },
)
