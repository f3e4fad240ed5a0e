/** Puts frames together until there are at least so many bytes of them; with 0 each goes as it came. */
export interface Packets {
  /** Returns what is to go out now. */
  push(bytes: Buffer): Buffer | undefined
}

export function createPackets(leastBytes: number): Packets {
  let waiting: Buffer[] = []
  let waitingBytes = 0

  return {
    push(bytes) {
      if (bytes.length === 0) return undefined
      if (waitingBytes === 0 && bytes.length >= leastBytes) return bytes
      waiting.push(bytes)
      waitingBytes += bytes.length
      if (waitingBytes < leastBytes) return undefined
      const packet = Buffer.concat(waiting)
      waiting = []
      waitingBytes = 0
      return packet
    },
  }
}
