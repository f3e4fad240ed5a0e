import { readWavFormat } from './wav-format.ts'

/** What a WAV file holds. Samples of several channels stand interleaved. */
export type Wav =
  | { readonly encoding: 'mulaw'; readonly sampleRateHz: number; readonly channels: number; readonly audio: Uint8Array }
  | { readonly encoding: 'pcm16'; readonly sampleRateHz: number; readonly channels: number; readonly audio: Int16Array }

/**
 * Reads a WAV file of mu-law or 16-bit PCM, any rate, any number of channels.
 * Throws an Error that says what was expected and what came. A `data` chunk that claims more than the file holds (a
 * recording that was cut off, or streamed with its size unknown) gives what is there.
 */
export function readWav(file: Uint8Array): Wav {
  const { encoding, sampleRateHz, channels, dataAt, dataBytes } = readWavFormat(file)
  const data = file.subarray(dataAt, Math.min(file.length, dataAt + dataBytes))
  if (encoding === 'mulaw') {
    const whole = data.length - (data.length % channels)
    return { encoding, sampleRateHz, channels, audio: new Uint8Array(data.subarray(0, whole)) }
  }
  const whole = data.length - (data.length % (2 * channels))
  return { encoding, sampleRateHz, channels, audio: pcm16(data.subarray(0, whole)) }
}

/** 16-bit samples from little-endian bytes, an even number of them. */
export function pcm16(bytes: Uint8Array): Int16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Int16Array.from({ length: bytes.length / 2 }, (_, index) => view.getInt16(index * 2, true))
}
