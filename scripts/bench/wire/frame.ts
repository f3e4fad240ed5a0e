import { readKey, toggleMask } from './mask.ts'

/** Websocket frames (RFC 6455), as much of them as the benchmark needs. Pure, but for the key of a mask. */
export const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

export const finalBit = 0x80
export const maskBit = 0x80
export const maskBytes = 4
/** What a frame of 126 to 65,535 bytes begins with, but for its mask. */
export const mediumHeadBytes = 4
export const mediumLength = 126
const longestShort = 125
export const longestMedium = 65_535

/**
 * One whole frame. A client's frames are masked, with a key of their own each.
 *
 * @param content text is ASCII
 */
export function encodeFrame(opcode: number, content: string | Buffer, key: number | undefined): Buffer {
  const { length } = content
  const lengthBytes = length <= longestShort ? 0 : length <= longestMedium ? 2 : 8
  const contentAt = 2 + lengthBytes + (key === undefined ? 0 : maskBytes)
  const frame = Buffer.allocUnsafe(contentAt + length)
  frame[0] = finalBit | opcode
  frame[1] = (key === undefined ? 0 : maskBit) | (lengthBytes === 0 ? length : lengthBytes === 2 ? mediumLength : 127)
  if (lengthBytes === 2) frame.writeUInt16BE(length, 2)
  if (lengthBytes === 8) frame.writeBigUInt64BE(BigInt(length), 2)
  if (typeof content === 'string') frame.write(content, contentAt, 'latin1')
  else content.copy(frame, contentAt)
  if (key !== undefined) {
    frame.writeInt32LE(key, contentAt - maskBytes)
    toggleMask(frame, contentAt, frame.length, key)
  }
  return frame
}

/** Takes the content of a frame, which lies in `bytes` from `from` up to `to`, and only as long as the call lasts. */
export type TakeFrame = (opcode: number, bytes: Buffer, from: number, to: number) => void

/**
 * Takes a byte stream apart into frames, in order and without a mask. What is given may be used again afterwards.
 *
 * @throws Error for fragments: neither side of what is measured has a reason to send them
 */
export function createFrameReader(take: TakeFrame): (bytes: Buffer, length: number) => void {
  let rest: Buffer | undefined
  return (bytes, length) => {
    const data = rest ? Buffer.concat([rest, bytes.subarray(0, length)]) : bytes
    const end = rest ? data.length : length
    let at = 0
    while (end - at >= 2) {
      const first = data[at] ?? 0
      const second = data[at + 1] ?? 0
      if ((first & finalBit) === 0 || (first & 0x0f) === 0) throw new Error('a fragmented websocket frame came')
      const short = second & ~maskBit
      const isMasked = (second & maskBit) !== 0
      const headBytes = 2 + (short < mediumLength ? 0 : short === mediumLength ? 2 : 8) + (isMasked ? maskBytes : 0)
      const contentAt = at + headBytes
      if (contentAt > end) break
      const contentBytes =
        short < mediumLength
          ? short
          : short === mediumLength
            ? data.readUInt16BE(at + 2)
            : Number(data.readBigUInt64BE(at + 2))
      const contentEnd = contentAt + contentBytes
      if (contentEnd > end) break
      if (isMasked) toggleMask(data, contentAt, contentEnd, readKey(data, contentAt - maskBytes))
      take(first & 0x0f, data, contentAt, contentEnd)
      at = contentEnd
    }
    rest = at === end ? undefined : Buffer.from(data.subarray(at, end))
  }
}
