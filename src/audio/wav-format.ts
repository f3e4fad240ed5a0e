/** How the samples of a WAV file are stored, and where they stand. Samples of several channels are interleaved. */
export interface WavFormat {
  readonly encoding: 'mulaw' | 'pcm16'
  readonly sampleRateHz: number
  readonly channels: number
  /** Where the samples begin in the file. */
  readonly dataAt: number
  /** How many bytes of samples the file claims; it may hold fewer. */
  readonly dataBytes: number
}

const pcm = 1
const mulaw = 7
const extensible = 0xfffe

/**
 * Reads the header of a WAV file of mu-law or 16-bit PCM, any rate, any number of channels.
 * Throws an Error that says what was expected and what came.
 *
 * @param file the file, or as much of its beginning as holds everything up to the samples
 */
export function readWavFormat(file: Uint8Array): WavFormat {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (!beginsLikeWav(file)) throw new Error('expected a WAV file, got something that does not begin with RIFF and WAVE')
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
      return { ...checked(format), dataAt: body, dataBytes: bytes }
    }
    at = body + bytes + (bytes % 2)
  }
  throw new Error('expected a WAV data chunk, got none')
}

export function beginsLikeWav(file: Uint8Array): boolean {
  return file.length >= 12 && tag(file, 0) === 'RIFF' && tag(file, 8) === 'WAVE'
}

function checked(format: { code: number; channels: number; sampleRateHz: number; bits: number }) {
  const { code, channels, sampleRateHz, bits } = format
  if (channels < 1) throw new Error('expected a WAV file of one channel or more, got 0')
  if (sampleRateHz < 1000 || sampleRateHz > 192_000)
    throw new Error(`expected a WAV sample rate between 1000 and 192000 Hz, got ${sampleRateHz}`)
  if (code === mulaw && bits === 8) return { encoding: 'mulaw', sampleRateHz, channels } as const
  if (code === pcm && bits === 16) return { encoding: 'pcm16', sampleRateHz, channels } as const
  throw new Error(`expected a WAV file of mu-law or 16-bit PCM, got format ${code} with ${bits} bits`)
}

function tag(file: Uint8Array, at: number): string {
  return String.fromCharCode(...file.subarray(at, at + 4))
}
