import type { OutputFormat } from './output.ts'

const headerBytes = 44

/** A WAV file (mono) around 16-bit or 32-bit float samples. */
export function wavFile(samples: Uint8Array, { encoding, sampleRateHz }: OutputFormat): Uint8Array {
  const float = encoding === 'pcm_f32le'
  const sampleBytes = float ? 4 : 2
  const header = Buffer.alloc(headerBytes)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(headerBytes - 8 + samples.length, 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(float ? 3 : 1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(sampleRateHz, 24)
  header.writeUInt32LE(sampleRateHz * sampleBytes, 28)
  header.writeUInt16LE(sampleBytes, 32)
  header.writeUInt16LE(sampleBytes * 8, 34)
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(samples.length, 40)
  return Buffer.concat([header, samples])
}
