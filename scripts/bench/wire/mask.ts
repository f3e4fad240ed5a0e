/** The masks of websocket frames (RFC 6455, 5.3). A key is four bytes, read as an integer in little-endian order. */

/** A key for one frame, never zero: a mask of zeros is none, and `ws` skips its removal. */
export function newKey(): number {
  return (Math.random() * 0x1_0000_0000) | 0 || 1
}

export function readKey(bytes: Buffer, at: number): number {
  return bytes.readInt32LE(at)
}

/** Puts a mask on, or takes it off again, in place. */
export function toggleMask(bytes: Buffer, from: number, to: number, key: number): void {
  const key1 = (key >> 8) & 0xff
  const key2 = (key >> 16) & 0xff
  const key3 = (key >> 24) & 0xff
  let at = from
  for (const whole = to - 3; at < whole; at += 4) {
    bytes[at] = (bytes[at] ?? 0) ^ (key & 0xff)
    bytes[at + 1] = (bytes[at + 1] ?? 0) ^ key1
    bytes[at + 2] = (bytes[at + 2] ?? 0) ^ key2
    bytes[at + 3] = (bytes[at + 3] ?? 0) ^ key3
  }
  for (let shift = 0; at < to; at++, shift += 8) bytes[at] = (bytes[at] ?? 0) ^ ((key >> shift) & 0xff)
}
