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
  return new FrameBacklog()
}

class FrameBacklog implements Backlog {
  #frames: Buffer[] = []
  /** Those before it are dropped, and cut off now and then: to cut with each frame is to copy all others with each frame. */
  #first = 0
  #keptNow = 0
  #firstByte = 0

  push(bytes: Buffer): void {
    this.#frames.push(bytes)
    this.#keptNow += bytes.length
    if (this.#keptNow > keptBytes) this.#dropUntil(Number.POSITIVE_INFINITY, keptBytes)
  }

  dropBefore(ms: number): void {
    this.#dropUntil(ms * bytesPerMs, 0)
  }

  kept() {
    return { frames: this.#frames.slice(this.#first), startMs: this.#firstByte / bytesPerMs }
  }

  /** Frame by frame, as long as one ends by `byte` and more than `mostBytes` are kept. */
  #dropUntil(byte: number, mostBytes: number): void {
    for (let frame = this.#frames[this.#first]; frame; frame = this.#frames[this.#first]) {
      if (this.#keptNow <= mostBytes || this.#firstByte + frame.length > byte) break
      this.#firstByte += frame.length
      this.#keptNow -= frame.length
      this.#first++
    }
    if (this.#first < cutEvery) return
    this.#frames = this.#frames.slice(this.#first)
    this.#first = 0
  }
}
