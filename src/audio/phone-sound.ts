import { decodeMulaw, encodeMulaw, sampleRateHz } from './mulaw.ts'
import { pcm16 } from './read-wav.ts'
import { createResampler } from './resample.ts'
import type { WavFormat } from './wav-format.ts'

/** Makes phone audio (mu-law, 8,000 Hz, mono) of a sound that comes in pieces of any size. */
export interface PhoneSound {
  push(bytes: Uint8Array): Uint8Array
  /** The rest, after the last piece. */
  end(): Uint8Array
}

/** Phone audio passes byte for byte; other rates are resampled, channels mixed. */
export async function createPhoneSound(format: Omit<WavFormat, 'dataAt' | 'dataBytes'>): Promise<PhoneSound> {
  const { encoding, channels } = format
  const nothing = new Uint8Array()
  const asItIs = encoding === 'mulaw' && channels === 1 && format.sampleRateHz === sampleRateHz
  if (asItIs) return { push: (bytes) => bytes, end: () => nothing }
  const resampler =
    format.sampleRateHz === sampleRateHz ? undefined : await createResampler(format.sampleRateHz, sampleRateHz)
  const frameBytes = (encoding === 'mulaw' ? 1 : 2) * channels
  /** The beginning of a frame whose end has not come yet. */
  let rest: Uint8Array = nothing
  return {
    push(bytes) {
      const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
      const whole = all.length - (all.length % frameBytes)
      rest = all.subarray(whole)
      const frames = all.subarray(0, whole)
      const samples = mixed(encoding === 'mulaw' ? decodeMulaw(frames) : pcm16(frames), channels)
      return encodeMulaw(resampler?.push(samples) ?? samples)
    },
    end: () => (resampler ? encodeMulaw(resampler.end()) : nothing),
  }
}

/** Interleaved channels as one: their mean. */
function mixed(samples: Int16Array, channels: number): Int16Array {
  if (channels === 1) return samples
  const mono = new Int16Array(samples.length / channels)
  for (let i = 0; i < mono.length; i++) {
    let sum = 0
    for (let channel = 0; channel < channels; channel++) sum += samples[i * channels + channel] ?? 0
    mono[i] = Math.round(sum / channels)
  }
  return mono
}
