import { decodeMulaw, encodeMulaw, sampleRateHz } from '../audio/mulaw.ts'
import { encodeAlaw } from './alaw.ts'

/** A form of sound that an emulated speech service can send. */
export interface SampleFormat {
  readonly encoding: 'pcm_s16le' | 'pcm_f32le' | 'pcm_mulaw' | 'pcm_alaw'
  readonly sampleRateHz: number
}

/** Straight lines between samples, over the borders of chunks. Good enough to be heard, not to be judged by. */
function createUpsampler(rateHz: number): (samples: Int16Array) => Int16Array {
  const step = sampleRateHz / rateHz
  let previous = 0
  let taken = 0
  let made = 0
  return (samples) => {
    const end = taken + samples.length
    const output: number[] = []
    for (let at = made * step; at < end; at = ++made * step) {
      const whole = Math.floor(at)
      const sampleAt = (index: number) => (index < taken ? previous : (samples[index - taken] ?? previous))
      // One sample behind, so that a chunk never needs the one after it.
      const before = sampleAt(whole - 1)
      output.push(Math.round(before + (sampleAt(whole) - before) * (at - whole)))
    }
    previous = samples.at(-1) ?? previous
    taken = end
    return Int16Array.from(output)
  }
}

/** An encoder for one text: mu-law chunks in, bytes of the wished format out. mu-law at 8,000 Hz passes as it is. */
export function createEncoder(format: SampleFormat): (mulaw: Uint8Array) => Uint8Array {
  if (format.encoding === 'pcm_mulaw' && format.sampleRateHz === sampleRateHz) return (mulaw) => mulaw
  const resample = format.sampleRateHz === sampleRateHz ? undefined : createUpsampler(format.sampleRateHz)
  return (mulaw) => {
    const decoded = decodeMulaw(mulaw)
    const samples = resample ? resample(decoded) : decoded
    if (format.encoding === 'pcm_mulaw') return encodeMulaw(samples)
    if (format.encoding === 'pcm_alaw') return encodeAlaw(samples)
    const wide = format.encoding === 'pcm_f32le'
    const bytes = Buffer.alloc(samples.length * (wide ? 4 : 2))
    for (const [i, sample] of samples.entries()) {
      if (wide) bytes.writeFloatLE(sample / 32_768, i * 4)
      else bytes.writeInt16LE(sample, i * 2)
    }
    return bytes
  }
}
