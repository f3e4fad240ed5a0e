/** What a WAV file holds. Samples of several channels stand interleaved. */
export type Wav =
  | { readonly encoding: 'mulaw'; readonly sampleRateHz: number; readonly channels: number; readonly audio: Uint8Array }
  | { readonly encoding: 'pcm16'; readonly sampleRateHz: number; readonly channels: number; readonly audio: Int16Array }

const pcm = 1
const mulaw = 7
const extensible = 0xfffe

/**
 * Reads a WAV file of mu-law or 16-bit PCM, any rate, any number of channels.
 * Throws an Error that says what was expected and what came. A `data` chunk that claims more than the file holds (a
 * recording that was cut off, or streamed with its size unknown) gives what is there.
 */
export function readWav(file: Uint8Array): Wav {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (file.length < 12 || tag(file, 0) !== 'RIFF' || tag(file, 8) !== 'WAVE')
    throw new Error('expected a WAV file, got something that does not begin with RIFF and WAVE')
  let format: { code: number; channels: number; sampleRateHz: number; bits: number } | undefined
  for (let at = 12; at + 8 <= file.length; ) {
    const name = tag(file, at)
    const bytes = view.getUint32(at + 4, true)
    const body = at + 8
    if (name === 'fmt ') {
      if (bytes < 16 || body + 16 > file.length) throw new Error('expected a WAV format chunk of 16 bytes, got less')
      const code = view.getUint16(body, true)
      format = {
        // An extensible header names the real format in the first two bytes of its subformat.
        code: code === extensible && bytes >= 26 && body + 26 <= file.length ? view.getUint16(body + 24, true) : code,
        channels: view.getUint16(body + 2, true),
        sampleRateHz: view.getUint32(body + 4, true),
        bits: view.getUint16(body + 14, true),
      }
    } else if (name === 'data') {
      if (!format) throw new Error('expected a WAV format chunk before the data, got none')
      return decoded(format, file.subarray(body, Math.min(file.length, body + bytes)))
    }
    at = body + bytes + (bytes % 2)
  }
  throw new Error('expected a WAV data chunk, got none')
}

function decoded(
  format: { code: number; channels: number; sampleRateHz: number; bits: number },
  data: Uint8Array,
): Wav {
  const { code, channels, sampleRateHz, bits } = format
  if (channels < 1) throw new Error('expected a WAV file of one channel or more, got 0')
  if (sampleRateHz < 1000 || sampleRateHz > 192_000)
    throw new Error(`expected a WAV sample rate between 1000 and 192000 Hz, got ${sampleRateHz}`)
  if (code === mulaw && bits === 8) {
    const whole = data.length - (data.length % channels)
    return { encoding: 'mulaw', sampleRateHz, channels, audio: new Uint8Array(data.subarray(0, whole)) }
  }
  if (code === pcm && bits === 16) {
    const whole = data.length - (data.length % (2 * channels))
    const view = new DataView(data.buffer, data.byteOffset, whole)
    const audio = Int16Array.from({ length: whole / 2 }, (_, index) => view.getInt16(index * 2, true))
    return { encoding: 'pcm16', sampleRateHz, channels, audio }
  }
  throw new Error(`expected a WAV file of mu-law or 16-bit PCM, got format ${code} with ${bits} bits`)
}

function tag(file: Uint8Array, at: number): string {
  return String.fromCharCode(...file.subarray(at, at + 4))
}
