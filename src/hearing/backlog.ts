const bytesPerMs = 8
/** What a lost connection may cost: more of it would be heard too late to be answered. */
const keptBytes = 5000 * bytesPerMs

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
  let keptNow = 0
  let firstByte = 0

  function dropWhile(wanted: (first: Buffer) => boolean): void {
    let dropped = 0
    for (const frame of frames) {
      if (!wanted(frame)) break
      firstByte += frame.length
      keptNow -= frame.length
      dropped++
    }
    if (dropped > 0) frames = frames.slice(dropped)
  }

  return {
    push(bytes) {
      frames.push(bytes)
      keptNow += bytes.length
      if (keptNow > keptBytes) dropWhile(() => keptNow > keptBytes)
    },
    dropBefore: (ms) => dropWhile((frame) => firstByte + frame.length <= ms * bytesPerMs),
    kept: () => ({ frames, startMs: firstByte / bytesPerMs }),
  }
}
