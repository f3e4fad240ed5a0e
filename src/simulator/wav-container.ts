import type { SampleFormat } from './encoder.ts'

const headerBytes = 44
const unknownSize = 0xffff_ffff
const kinds = {
  pcm_s16le: { tag: 1, sampleBytes: 2 },
  pcm_f32le: { tag: 3, sampleBytes: 4 },
  pcm_alaw: { tag: 6, sampleBytes: 1 },
  pcm_mulaw: { tag: 7, sampleBytes: 1 },
} as const

/** The header of a WAV file (mono). Without `audioBytes` it is that of a stream, whose sizes nobody knows yet. */
export function wavHeader({ encoding, sampleRateHz }: SampleFormat, audioBytes?: number): Uint8Array {
  const { tag, sampleBytes } = kinds[encoding]
  const header = Buffer.alloc(headerBytes)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(audioBytes === undefined ? unknownSize : headerBytes - 8 + audioBytes, 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(tag, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(sampleRateHz, 24)
  header.writeUInt32LE(sampleRateHz * sampleBytes, 28)
  header.writeUInt16LE(sampleBytes, 32)
  header.writeUInt16LE(sampleBytes * 8, 34)
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(audioBytes ?? unknownSize, 40)
  return header
}
