import { msToBytes } from './duration.ts'
import { encodeMulaw, sampleRateHz } from './mulaw.ts'

/** The peak of a sine of 0 dBm0: mu-law is full at +3.17 dBm0 (ITU-T G.711, table 5). */
const referencePeak = 32_124 / 10 ** (3.17 / 20)
/** Rising and falling this slowly, a tone does not click. */
const slopeMs = 3

/** Sine tones sounding together, as mu-law. @param tones frequency, and level in dBm0 as telephones count it */
export function tone(tones: readonly { readonly hz: number; readonly dbm0: number }[], ms: number): Uint8Array {
  const samples = new Int16Array(msToBytes(ms))
  const slope = msToBytes(slopeMs)
  for (let i = 0; i < samples.length; i++) {
    const loudness = Math.min(1, (i + 1) / slope, (samples.length - i) / slope)
    let sum = 0
    for (const { hz, dbm0 } of tones)
      sum += referencePeak * 10 ** (dbm0 / 20) * Math.sin((2 * Math.PI * hz * i) / sampleRateHz)
    samples[i] = Math.round(sum * loudness)
  }
  return encodeMulaw(samples)
}
