import libsamplerate from '@alexanderolsen/libsamplerate-js'

/**
 * Changes the sample rate of a stream of 16-bit samples, one channel. Audio may be pushed in pieces of any size: the
 * filter's memory lives on between them, so piece borders cannot be heard. Output lags by half a filter (about 6 ms).
 */
export interface Resampler {
  push(samples: Int16Array): Int16Array
  /** The rest of the stream. All output together is `outputSamples(input)` long; the next `push` begins a new stream. */
  end(): Int16Array
}

/** The library copies through fixed buffers of about a million samples; far smaller pieces never reach their end. */
const pieceSamples = 4096
const lowestRateHz = 1000
const highestRateHz = 192_000

/** Loads the WASM filter. Throws RangeError for a rate that is no whole number between 1,000 and 192,000. */
export async function createResampler(fromHz: number, toHz: number): Promise<Resampler> {
  for (const rateHz of [fromHz, toHz]) {
    if (!Number.isInteger(rateHz) || rateHz < lowestRateHz || rateHz > highestRateHz)
      throw new RangeError(
        `expected a sample rate in whole Hz between ${lowestRateHz} and ${highestRateHz}, got ${rateHz}`,
      )
  }
  // Medium quality is flat to 90 % of the band, which a phone line needs; the best costs four times as much.
  const filter = await libsamplerate.create(1, fromHz, toHz, {
    converterType: libsamplerate.ConverterType.SRC_SINC_MEDIUM_QUALITY,
  })
  let taken = 0
  let given = 0

  // `full` keeps the filter's state between calls. `simple` must never be called: it sets an end-of-input flag that
  // nothing clears, after which `full` answers once and then falls silent.
  function filtered(samples: Int16Array): Int16Array {
    const pieces: Int16Array[] = []
    for (let at = 0; at < samples.length; at += pieceSamples) {
      const input = Float32Array.from(samples.subarray(at, at + pieceSamples), (sample) => sample / 32_768)
      pieces.push(Int16Array.from(filter.full(input), clampSample))
    }
    return joined(pieces)
  }

  return {
    push(samples) {
      const output = filtered(samples)
      taken += samples.length
      given += output.length
      return output
    },
    end() {
      const missing = Math.max(0, outputSamples(taken, fromHz, toHz) - given)
      const pieces: Int16Array[] = []
      // Silence pushes out what the filter still holds.
      for (let pushed = 0; pushed < missing; ) {
        const output = filtered(new Int16Array(pieceSamples))
        pieces.push(output)
        pushed += output.length
      }
      // Setting a rate makes the library begin anew with an empty filter.
      filter.inputSampleRate = fromHz
      taken = 0
      given = 0
      return joined(pieces).subarray(0, missing)
    },
  }
}

/** How many samples come out for `samples` that went in. */
export function outputSamples(samples: number, fromHz: number, toHz: number): number {
  return Math.round((samples * toHz) / fromHz)
}

function clampSample(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768)))
}

function joined(pieces: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}
