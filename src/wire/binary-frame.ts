const final = 0x80
const binary = 0x02
const masked = 0x80
const longestShort = 125
const mediumLength = 126
/** The head and the key before the content, which begins at a multiple of four. */
const contentAt = 8
const keyWord = 1

/** Sound of two seconds, and what base64 of it may hold beside. What is longer is for `ws`. */
export const longestBinary = 16_004

/** One frame after the other: one for all, so that it is always near. */
const words = new Int32Array((contentAt + longestBinary) / Int32Array.BYTES_PER_ELEMENT)
const frame = Buffer.from(words.buffer)

/**
 * A websocket binary frame as a client sends it: masked, whole (RFC 6455, 5.2 and 5.3). As in `textFrame`, one character
 * of the result is one byte, to be written as latin1 by one write.
 *
 * @param content of at most `longestBinary` bytes; stays as it is
 * @param key 32 random bits, others for each frame
 */
export function binaryFrame(content: Uint8Array, key: number): string {
  const { length } = content
  const isShort = length <= longestShort
  const from = isShort ? 2 : 0
  frame[from] = final | binary
  frame[from + 1] = masked | (isShort ? length : mediumLength)
  if (!isShort) frame.writeUInt16BE(length, 2)
  words[keyWord] = key
  frame.set(content, contentAt)
  const end = contentAt + length
  // Four bytes at a time: those behind the end are nobody's.
  for (let at = keyWord + 1; at * 4 < end; at++) words[at] = (words[at] ?? 0) ^ key
  return frame.toString('latin1', from, end)
}
