/** Puts frames together until there are at least so many bytes of them; with 0 each goes as it came. */
export interface Packets {
  /** Returns what is to go out now. `bytes` may be used again for something else then. */
  push(bytes: Buffer): Buffer | undefined
}

export function createPackets(leastBytes: number): Packets {
  return new FramePackets(leastBytes)
}

class FramePackets implements Packets {
  readonly #leastBytes: number
  #waiting: Buffer[] = []
  #waitingBytes = 0

  constructor(leastBytes: number) {
    this.#leastBytes = leastBytes
  }

  push(bytes: Buffer): Buffer | undefined {
    if (bytes.length === 0) return undefined
    if (this.#waitingBytes === 0 && bytes.length >= this.#leastBytes) return bytes
    this.#waiting.push(Buffer.from(bytes))
    this.#waitingBytes += bytes.length
    if (this.#waitingBytes < this.#leastBytes) return undefined
    const packet = Buffer.concat(this.#waiting)
    this.#waiting = []
    this.#waitingBytes = 0
    return packet
  }
}
