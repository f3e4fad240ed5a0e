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
  const doubler = createRateDoubler()
  let frame = Buffer.alloc(frameSamples * bytesPerSample)
  let filled = 0
  let framedBytes = 0

  function cut(): Uint8Array {
    const full = frame.subarray(0, filled)
    framedBytes += filled / bytesPerSample / 2
    frame = Buffer.alloc(frameSamples * bytesPerSample)
    filled = 0
    return full
  }

  return {
    push(mulaw) {
      const frames: Uint8Array[] = []
      for (const sample of doubler.push(decodeMulaw(mulaw))) {
        filled = frame.writeInt16LE(sample, filled)
        if (filled === frame.length) frames.push(cut())
      }
      return frames
    },
    rest: () => (filled === 0 ? [] : [cut()]),
    get framedMs() {
      return bytesToMs(framedBytes)
    },
  }
}
