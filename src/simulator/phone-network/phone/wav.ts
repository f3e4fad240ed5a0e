import { decodeMulaw, encodeMulaw, sampleRateHz } from '../../../audio/mulaw.ts'
import { readWav } from '../../../audio/read-wav.ts'
import { createResampler } from '../../../audio/resample.ts'

/**
 * A WAV file as a phone says it: mu-law, 8,000 Hz, mono. A file in that form passes byte for byte; other rates are
 * resampled, channels mixed. Rejects with an Error that says what was expected of the file.
 */
export async function wavToMulaw(file: Uint8Array): Promise<Uint8Array> {
  const wav = readWav(file)
  const asItIs = wav.channels === 1 && wav.sampleRateHz === sampleRateHz
  if (asItIs && wav.encoding === 'mulaw') return wav.audio
  const samples = mixed(wav.encoding === 'mulaw' ? decodeMulaw(wav.audio) : wav.audio, wav.channels)
  if (wav.sampleRateHz === sampleRateHz) return encodeMulaw(samples)
  const resampler = await createResampler(wav.sampleRateHz, sampleRateHz)
  const parts = [resampler.push(samples), resampler.end()].map((part) => encodeMulaw(part))
  return new Uint8Array(Buffer.concat(parts))
}

/** Interleaved channels as one: their mean. */
function mixed(samples: Int16Array, channels: number): Int16Array {
  if (channels === 1) return samples
  const mono = new Int16Array(Math.floor(samples.length / channels))
  for (let i = 0; i < mono.length; i++) {
    let sum = 0
    for (let channel = 0; channel < channels; channel++) sum += samples[i * channels + channel] ?? 0
    mono[i] = Math.round(sum / channels)
  }
  return mono
}
