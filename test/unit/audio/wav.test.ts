import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readWav } from '../../../src/audio/read-wav.ts'
import { mulawWav } from '../../../src/audio/wav.ts'

/** A WAV file from scratch, so that the reader is not tested by the writer alone. */
function wav(format: { code: number; channels?: number; rateHz?: number; bits: number }, data: Uint8Array): Buffer {
  const { code, channels = 1, rateHz = 8000, bits } = format
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + data.length, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(code, 20)
  head.writeUInt16LE(channels, 22)
  head.writeUInt32LE(rateHz, 24)
  head.writeUInt32LE((rateHz * channels * bits) / 8, 28)
  head.writeUInt16LE((channels * bits) / 8, 32)
  head.writeUInt16LE(bits, 34)
  head.write('data', 36)
  head.writeUInt32LE(data.length, 40)
  return Buffer.concat([head, data])
}

test('what is written is read again, byte for byte, odd lengths and nothing included', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (audio) => {
      const read = readWav(mulawWav(audio))
      expect(read).toEqual({ encoding: 'mulaw', sampleRateHz: 8000, channels: 1, audio })
    }),
  )
})

test('sizes in the header are those of the file: a pad byte counts for the file but not for the data', () => {
  const file = Buffer.from(mulawWav(Uint8Array.of(1, 2, 3)))
  expect(file.length).toBe(62)
  expect(file.readUInt32LE(4)).toBe(file.length - 8)
  expect(file.readUInt32LE(46)).toBe(3)
  expect(file.readUInt32LE(54)).toBe(3)
})

test('16-bit PCM of any rate is read as samples, also from an odd offset in memory', () => {
  const samples = Int16Array.of(0, 1, -1, 32_767, -32_768, 258)
  const file = wav({ code: 1, rateHz: 22_050, bits: 16 }, new Uint8Array(samples.buffer))
  const shifted = Buffer.concat([Buffer.alloc(1), file]).subarray(1)
  expect(readWav(shifted)).toEqual({ encoding: 'pcm16', sampleRateHz: 22_050, channels: 1, audio: samples })
})

test('chunks nobody asked for are skipped', () => {
  const file = wav({ code: 7, bits: 8 }, Uint8Array.of(9, 8))
  const list = Buffer.from('LIST\x03\0\0\0abc\0', 'latin1')
  expect(readWav(Buffer.concat([file.subarray(0, 36), list, file.subarray(36)])).audio).toEqual(Uint8Array.of(9, 8))
})

test('a data size beyond the end of the file gives what is there', () => {
  const file = wav({ code: 1, bits: 16 }, Uint8Array.of(1, 0, 2, 0, 3))
  file.writeUInt32LE(0xffff_ffff, 40)
  expect(readWav(file).audio).toEqual(Int16Array.of(1, 2))
})

test('what cannot be read is refused in words', () => {
  const data = new Uint8Array(8)
  expect(() => readWav(Buffer.from('ID3 this is an mp3 file'))).toThrow('expected a WAV file')
  expect(() => readWav(new Uint8Array())).toThrow('expected a WAV file')
  expect(() => readWav(wav({ code: 6, bits: 8 }, data))).toThrow('got format 6 with 8 bits')
  expect(() => readWav(wav({ code: 1, bits: 24 }, data))).toThrow('got format 1 with 24 bits')
  expect(() => readWav(wav({ code: 1, bits: 16, channels: 0 }, data))).toThrow('one channel or more')
  expect(() => readWav(wav({ code: 1, bits: 16, rateHz: 0 }, data))).toThrow('got 0')
  expect(() => readWav(wav({ code: 1, bits: 16 }, data).subarray(0, 36))).toThrow('data chunk')
  expect(() => readWav(wav({ code: 1, bits: 16 }, data).subarray(0, 30))).toThrow('16 bytes')
})

test('hostile headers are refused or read, never worse', () => {
  const file = wav({ code: 1, bits: 16 }, new Uint8Array(16))
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(59), fc.nat(255)), { maxLength: 8 }), fc.nat(60), (edits, cut) => {
      const bad = Buffer.from(file)
      for (const [at, byte] of edits) bad[at] = byte
      try {
        const read = readWav(bad.subarray(0, cut))
        expect(read.audio.length).toBeLessThanOrEqual(60)
      } catch (error) {
        expect((error as Error).message).toMatch(/^expected a /)
      }
    }),
    { numRuns: 2000 },
  )
})
