const bytesPerMs = 8
/** What a lost connection may cost: more of it would be heard too late to be answered. */
const keptBytes = 5000 * bytesPerMs
const cutEvery = 64

/** The audio that was not told yet: sent when a connection is there, and again after one was lost. */
export interface Backlog {
  push(bytes: Buffer): void
  /** The audio up to here will not be needed again. */
  dropBefore(ms: number): void
  /** All that is kept, as it was pushed, and where in the session it begins. */
  kept(): { readonly frames: readonly Buffer[]; readonly startMs: number }
}

export function createBacklog(): Backlog {
  let frames: Buffer[] = []
  /** Those before it are dropped, and cut off now and then: to cut with each frame is to copy all others with each frame. */
  let first = 0
  let keptNow = 0
  let firstByte = 0

  function dropWhile(wanted: (first: Buffer) => boolean): void {
    for (let frame = frames[first]; frame && wanted(frame); frame = frames[first]) {
      firstByte += frame.length
      keptNow -= frame.length
      first++
    }
    if (first < cutEvery) return
    frames = frames.slice(first)
    first = 0
  }

  return {
    push(bytes) {
      frames.push(bytes)
      keptNow += bytes.length
      if (keptNow > keptBytes) dropWhile(() => keptNow > keptBytes)
    },
    dropBefore: (ms) => dropWhile((frame) => firstByte + frame.length <= ms * bytesPerMs),
    kept: () => ({ frames: frames.slice(first), startMs: firstByte / bytesPerMs }),
  }
}
