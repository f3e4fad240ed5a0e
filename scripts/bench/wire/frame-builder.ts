import { endianness } from 'node:os'
import { finalBit, longestMedium, maskBit, maskBytes, mediumHeadBytes, mediumLength, opcodes } from './frame.ts'
import { newKey, toggleMask } from './mask.ts'

/**
 * Builds text frames of sound one behind the other, in one buffer that is always used again: it stays in the processor's
 * cache, and no frame makes anything that has to be collected. To be written before the next one is built.
 */
export interface FrameBuilder {
  readonly bytes: Buffer
  /** Where the last frame ends; all of them begin at 0. */
  readonly length: number
  /** Begins with the first frame anew. */
  clear(): void
  begin(): void
  ascii(text: string): void
  copy(bytes: Uint8Array): void
  digits(number: number): void
  /** Leaves room for what the caller writes there. @returns where it is */
  leave(length: number): number
  /** @throws Error for a content that is not of 126 to 65,535 bytes: none is, here */
  end(): void
  /** Something that is a frame already. */
  append(frame: Buffer): void
}

const littleEndian = endianness() === 'LE'
const digit0 = 48
const mostDigits = 16

/** @param masked as a client's frames are */
export function createFrameBuilder(capacityBytes: number, masked: boolean): FrameBuilder {
  const bytes = Buffer.from(new ArrayBuffer(capacityBytes))
  const words = new Int32Array(bytes.buffer)
  const headBytes = mediumHeadBytes + (masked ? maskBytes : 0)
  const secondByte = (masked ? maskBit : 0) | mediumLength
  const digits = new Uint8Array(mostDigits)
  let from = 0
  let at = 0

  function mask(contentAt: number): void {
    const key = newKey()
    bytes.writeInt32LE(key, contentAt - maskBytes)
    if ((contentAt & 3) !== 0 || !littleEndian) return toggleMask(bytes, contentAt, at, key)
    // Whole words, 40 ns for a frame of sound; the last may reach behind its end, where nothing is yet.
    for (let word = contentAt >> 2; word < (at + 3) >> 2; word++) words[word] = (words[word] ?? 0) ^ key
  }

  return {
    bytes,
    get length() {
      return at
    },
    clear() {
      at = 0
    },
    begin() {
      from = at
      at += headBytes
    },
    ascii(text) {
      at += bytes.write(text, at, 'latin1')
    },
    copy(some) {
      bytes.set(some, at)
      at += some.length
    },
    digits(number) {
      let first = mostDigits
      let left = number
      do {
        digits[--first] = digit0 + (left % 10)
        left = Math.floor(left / 10)
      } while (left > 0)
      while (first < mostDigits) bytes[at++] = digits[first++] ?? 0
    },
    leave(length) {
      at += length
      return at - length
    },
    end() {
      const contentAt = from + headBytes
      const length = at - contentAt
      if (length < mediumLength || length > longestMedium)
        throw new Error(`a frame of ${length} bytes is not built here`)
      bytes[from] = finalBit | opcodes.text
      bytes[from + 1] = secondByte
      bytes[from + 2] = length >> 8
      bytes[from + 3] = length & 0xff
      if (masked) mask(contentAt)
    },
    append(frame) {
      bytes.set(frame, at)
      at += frame.length
    },
  }
}
