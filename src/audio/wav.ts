import { sampleRateHz } from './mulaw.ts'

export const wavHeaderBytes = 58
const formatMulaw = 7

/**
 * What stands before `audioBytes` of mu-law in a WAV file (format 7, 8,000 Hz, mono). An odd number of bytes is
 * followed by a zero.
 * Formats other than PCM carry an extension size in `fmt ` (18 bytes, not 16) and a `fact` chunk with the sample count.
 */
export function mulawWavHeader(audioBytes: number): Uint8Array<ArrayBuffer> {
  const header = Buffer.alloc(wavHeaderBytes)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(wavHeaderBytes - 8 + audioBytes + (audioBytes % 2), 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(18, 16)
  header.writeUInt16LE(formatMulaw, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(sampleRateHz, 24)
  header.writeUInt32LE(sampleRateHz, 28)
  header.writeUInt16LE(1, 32)
  header.writeUInt16LE(8, 34)
  header.writeUInt16LE(0, 36)
  header.write('fact', 38, 'latin1')
  header.writeUInt32LE(4, 42)
  header.writeUInt32LE(audioBytes, 46)
  header.write('data', 50, 'latin1')
  header.writeUInt32LE(audioBytes, 54)
  return header
}

/** A WAV file around mu-law bytes, byte for byte: nothing is converted. */
export function mulawWav(audio: Uint8Array): Uint8Array {
  const file = Buffer.alloc(wavHeaderBytes + audio.length + (audio.length % 2))
  file.set(mulawWavHeader(audio.length))
  file.set(audio, wavHeaderBytes)
  return file
}
