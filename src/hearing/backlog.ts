const bytesPerMs = 8
/** What a lost connection may cost: more of it would be heard too late to be answered. */
const keptBytes = 5000 * bytesPerMs
/** Before each frame stands its length. */
const headBytes = 2
const firstSize = 4096

/** The audio that was not told yet: sent when a connection is there, and again after one was lost. */
export interface Backlog {
  /** @param bytes a frame, copied; none is near the 40,000 bytes that are kept */
  push(bytes: Uint8Array): void
  /** The audio up to here will not be needed again. */
  dropBefore(ms: number): void
  /** Where in the session that audio begins which is kept. */
  readonly startMs: number
  /** All that is kept, as it was pushed, and where in the session it begins. */
  kept(): { readonly frames: readonly Buffer[]; readonly startMs: number }
}

export function createBacklog(): Backlog {
  return new Ring()
}

/**
 * In one piece of memory: fifty frames a second that live for seconds each would have to be moved and looked through by
 * every collection of garbage.
 */
class Ring implements Backlog {
  #ring: Buffer = Buffer.allocUnsafeSlow(firstSize)
  #first = 0
  #used = 0
  /** Of the used bytes those that are sound. */
  #soundBytes = 0
  #firstByte = 0

  get startMs(): number {
    return this.#firstByte / bytesPerMs
  }

  push(bytes: Uint8Array): void {
    const { length } = bytes
    while (this.#used > 0 && this.#soundBytes + length > keptBytes) this.#drop()
    if (this.#used + headBytes + length > this.#ring.length) this.#grow(this.#used + headBytes + length)
    this.#write(length >> 8)
    this.#write(length & 0xff)
    const ring = this.#ring
    const at = this.#place(this.#used)
    const untilEnd = ring.length - at
    ring.set(length > untilEnd ? bytes.subarray(0, untilEnd) : bytes, at)
    if (length > untilEnd) ring.set(bytes.subarray(untilEnd))
    this.#used += length
    this.#soundBytes += length
  }

  dropBefore(ms: number): void {
    const byte = ms * bytesPerMs
    while (this.#used > 0 && this.#firstByte + this.#lengthAt(0) <= byte) this.#drop()
  }

  kept() {
    const frames: Buffer[] = []
    for (let offset = 0; offset < this.#used; offset += headBytes + this.#lengthAt(offset))
      frames.push(this.#copy(offset + headBytes, this.#lengthAt(offset)))
    return { frames, startMs: this.startMs }
  }

  #drop(): void {
    const length = this.#lengthAt(0)
    this.#first = this.#place(headBytes + length)
    this.#used -= headBytes + length
    this.#soundBytes -= length
    this.#firstByte += length
  }

  #write(byte: number): void {
    this.#ring[this.#place(this.#used++)] = byte
  }

  #lengthAt(offset: number): number {
    return ((this.#ring[this.#place(offset)] ?? 0) << 8) | (this.#ring[this.#place(offset + 1)] ?? 0)
  }

  #place(offset: number): number {
    return (this.#first + offset) % this.#ring.length
  }

  #copy(offset: number, length: number, size = length): Buffer {
    const copy = Buffer.allocUnsafeSlow(size)
    const at = this.#place(offset)
    const copied = this.#ring.copy(copy, 0, at, Math.min(at + length, this.#ring.length))
    this.#ring.copy(copy, copied, 0, length - copied)
    return copy
  }

  #grow(leastSize: number): void {
    let size = this.#ring.length
    while (size < leastSize) size *= 2
    this.#ring = this.#copy(0, this.#used, size)
    this.#first = 0
  }
}
