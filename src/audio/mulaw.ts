/**
 * G.711 mu-law, the format of every byte on a phone line: 8,000 samples a second, one byte each.
 * Both directions are tables, so that a second of audio costs 8,000 look-ups.
 */

export const sampleRateHz = 8000
/** Digital silence. 0x7F, negative zero, is silence too; 0x00 is the loudest negative sample. */
export const silence = 0xff

const bias = 0x84
const clip = 32_635

function encodeSample(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0
  const magnitude = Math.min(Math.abs(sample), clip) + bias
  const exponent = 31 - Math.clz32(magnitude) - 7
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f
  return ~(sign | (exponent << 4) | mantissa) & 0xff
}

function decodeSample(byte: number): number {
  const inverted = ~byte & 0xff
  const magnitude = ((((inverted & 0x0f) << 3) + bias) << ((inverted >> 4) & 7)) - bias
  return inverted & 0x80 ? -magnitude : magnitude
}

const encodeTable = Uint8Array.from({ length: 65_536 }, (_, index) => encodeSample(index - 32_768))
const decodeTable = Int16Array.from({ length: 256 }, (_, byte) => decodeSample(byte))

/** 16-bit linear samples to mu-law, one byte a sample. */
export function encodeMulaw(samples: Int16Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(samples.length)
  for (let i = 0; i < samples.length; i++) bytes[i] = encodeTable[(samples[i] ?? 0) + 32_768] ?? silence
  return bytes
}

/** mu-law to 16-bit linear samples. */
export function decodeMulaw(bytes: Uint8Array): Int16Array {
  const samples = new Int16Array(bytes.length)
  for (let i = 0; i < bytes.length; i++) samples[i] = decodeTable[bytes[i] ?? silence] ?? 0
  return samples
}
