import { sampleRateHz } from './mulaw.ts'

const headerBytes = 58
const formatMulaw = 7

/**
 * A WAV file around mu-law bytes (format 7, 8,000 Hz, mono), byte for byte: nothing is converted.
 * Formats other than PCM carry an extension size in `fmt ` (18 bytes, not 16) and a `fact` chunk with the sample count.
 */
export function mulawWav(audio: Uint8Array): Uint8Array {
  const padded = audio.length + (audio.length % 2)
  const file = Buffer.alloc(headerBytes + padded)
  file.write('RIFF', 0, 'latin1')
  file.writeUInt32LE(headerBytes - 8 + padded, 4)
  file.write('WAVEfmt ', 8, 'latin1')
  file.writeUInt32LE(18, 16)
  file.writeUInt16LE(formatMulaw, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(sampleRateHz, 24)
  file.writeUInt32LE(sampleRateHz, 28)
  file.writeUInt16LE(1, 32)
  file.writeUInt16LE(8, 34)
  file.writeUInt16LE(0, 36)
  file.write('fact', 38, 'latin1')
  file.writeUInt32LE(4, 42)
  file.writeUInt32LE(audio.length, 46)
  file.write('data', 50, 'latin1')
  file.writeUInt32LE(audio.length, 54)
  file.set(audio, headerBytes)
  return file
}
