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

const bytesPerMs = 8
const oddSizes = [799, 1, 161, 1601, 3, 319]

/** mulberry32: small, and the same numbers everywhere for the same seed. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

/** Sizes in bytes, without end. `serial` is the number of the transcript, so that random ones differ from each other. */
export function* chunkSizes(sizing: ChunkSizing, serial = 0): Generator<number, never> {
  const random = sizing.kind === 'random' ? seededRandom(sizing.seed + serial * 7919) : () => 0
  for (let i = 0; ; i++) {
    if (sizing.kind === 'fixed') yield Math.max(1, Math.round(sizing.ms * bytesPerMs))
    else if (sizing.kind === 'tiny') yield 20 * bytesPerMs
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
