import { bytesToMs } from '../../audio/duration.ts'
import { createRateDoubler } from '../../audio/double-rate.ts'
import { decodeMulaw } from '../../audio/mulaw.ts'

/** What Async hears is PCM16 at 16,000 Hz, in frames of 250 to 500 ms: the shortest, since each waits until it is full. */
const frameSamples = 4000
const bytesPerSample = 2

/** Sound of one connection on its way from mu-law to the frames of Async. */
export interface Encoder {
  /** The frames that are full now, little-endian. */
  push(mulaw: Uint8Array): Uint8Array[]
  /** What does not fill a frame: no more sound follows. */
  rest(): Uint8Array[]
  /** How much of the sound stands in frames that were given out. */
  readonly framedMs: number
}

export function createEncoder(): Encoder {
  return new FrameEncoder()
}

class FrameEncoder implements Encoder {
  readonly #doubler = createRateDoubler()
  #frame = Buffer.alloc(frameSamples * bytesPerSample)
  #filled = 0
  #framedBytes = 0

  push(mulaw: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = []
    for (const sample of this.#doubler.push(decodeMulaw(mulaw))) {
      this.#filled = this.#frame.writeInt16LE(sample, this.#filled)
      if (this.#filled === this.#frame.length) frames.push(this.#cut())
    }
    return frames
  }

  rest(): Uint8Array[] {
    return this.#filled === 0 ? [] : [this.#cut()]
  }

  get framedMs(): number {
    return bytesToMs(this.#framedBytes)
  }

  #cut(): Uint8Array {
    const full = this.#frame.subarray(0, this.#filled)
    this.#framedBytes += this.#filled / bytesPerSample / 2
    this.#frame = Buffer.alloc(frameSamples * bytesPerSample)
    this.#filled = 0
    return full
  }
}
