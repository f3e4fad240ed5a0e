/** G.711 A-law. Only an emulated service speaks it; the phone line is mu-law. */
function encodeSample(sample: number): number {
  const negative = sample < 0
  // 13 bits of magnitude, negative samples counted from -1.
  const magnitude = (negative ? -sample - 1 : sample) >> 3
  const exponent = Math.max(0, 31 - Math.clz32(magnitude | 1) - 4)
  const mantissa = (magnitude >> Math.max(1, exponent)) & 0x0f
  return ((negative ? 0 : 0x80) | (exponent << 4) | mantissa) ^ 0x55
}

/** 16-bit linear samples to A-law, one byte a sample. */
export function encodeAlaw(samples: Int16Array): Uint8Array {
  return Uint8Array.from(samples, encodeSample)
}
