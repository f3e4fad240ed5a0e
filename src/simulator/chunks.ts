import { msToBytes } from '../audio/duration.ts'
import { createRandom } from './random.ts'

/** How the audio of one transcript is cut into frames. Real sizes are undocumented. One millisecond is 8 bytes. */
export type ChunkSizing =
  | { readonly kind: 'fixed'; readonly ms: number }
  /** 20 ms, the length of a telephone frame. */
  | { readonly kind: 'tiny' }
  /** Odd numbers of bytes, from a single one to 200 ms. */
  | { readonly kind: 'odd' }
  /** Anything between the two, the same for the same seed. */
  | { readonly kind: 'random'; readonly seed: number; readonly minBytes: number; readonly maxBytes: number }
  /** The whole transcript in one frame, however long. */
  | { readonly kind: 'whole' }

export interface Chunk {
  readonly bytes: Uint8Array
  /** Nothing of this transcript follows. */
  readonly last: boolean
}

const tinyMs = 20
const oddSizes = [799, 1, 161, 1601, 3, 319]

/** Sizes in bytes, without end. `serial` is the number of the transcript, so that random ones differ from each other. */
export function* chunkSizes(sizing: ChunkSizing, serial = 0): Generator<number, never> {
  const random = sizing.kind === 'random' ? createRandom(sizing.seed + serial * 7919) : () => 0
  for (let i = 0; ; i++) {
    if (sizing.kind === 'fixed') yield Math.max(1, msToBytes(sizing.ms))
    else if (sizing.kind === 'tiny') yield msToBytes(tinyMs)
    else if (sizing.kind === 'odd') yield oddSizes[i % oddSizes.length] ?? 1
    else if (sizing.kind === 'whole') yield Number.POSITIVE_INFINITY
    else yield Math.max(1, sizing.minBytes + Math.floor(random() * (sizing.maxBytes - sizing.minBytes + 1)))
  }
}

/** Cuts pieces, as a voice gives them, into chunks of the given sizes. Reads no further ahead than it must. */
export async function* cutIntoChunks(
  pieces: AsyncIterable<Uint8Array>,
  sizes: Iterator<number, never>,
): AsyncGenerator<Chunk> {
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  let size: number = sizes.next().value
  for await (const piece of pieces) {
    waiting.push(piece)
    waitingBytes += piece.length
    // Strictly more than one chunk: only then is it known not to be the last.
    if (waitingBytes <= size) continue
    let joined: Uint8Array = Buffer.concat(waiting)
    while (joined.length > size) {
      yield { bytes: joined.subarray(0, size), last: false }
      joined = joined.subarray(size)
      size = sizes.next().value
    }
    waiting = [joined]
    waitingBytes = joined.length
  }
  if (waitingBytes > 0) yield { bytes: Buffer.concat(waiting), last: true }
}
