/** Websocket frames (RFC 6455), as much of them as the benchmark needs. Pure. */
export const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

const finalBit = 0x80
const maskBit = 0x80
const longestShort = 125
const longest16 = 65_535
const maskBytes = 4

/**
 * One whole frame. A client's frames are masked: with zeros, which changes no byte, so that a frame can be built once
 * and costs no pass over its content.
 *
 * @param content text is ASCII
 */
export function encodeFrame(opcode: number, content: string | Buffer, masked: boolean): Buffer {
  const { length } = content
  const lengthBytes = length <= longestShort ? 0 : length <= longest16 ? 2 : 8
  const contentAt = 2 + lengthBytes + (masked ? maskBytes : 0)
  const frame = Buffer.allocUnsafe(contentAt + length)
  frame[0] = finalBit | opcode
  frame[1] = (masked ? maskBit : 0) | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127)
  if (lengthBytes === 2) frame.writeUInt16BE(length, 2)
  if (lengthBytes === 8) frame.writeBigUInt64BE(BigInt(length), 2)
  if (masked) frame.fill(0, 2 + lengthBytes, contentAt)
  if (typeof content === 'string') frame.write(content, contentAt, 'latin1')
  else content.copy(frame, contentAt)
  return frame
}

/**
 * Takes a byte stream apart into frames, in order; content is unmasked and only valid during the call.
 *
 * @throws Error for fragments: neither side of what is measured has a reason to send them
 */
export function createFrameReader(frame: (opcode: number, content: Buffer) => void): (bytes: Buffer) => void {
  let rest: Buffer | undefined
  return (bytes) => {
    let data = rest ? Buffer.concat([rest, bytes]) : bytes
    for (;;) {
      const head = readHead(data)
      if (!head || data.length < head.endAt) break
      const content = data.subarray(head.contentAt, head.endAt)
      if (head.mask) unmask(content, head.mask)
      data = data.subarray(head.endAt)
      frame(head.opcode, content)
    }
    // The bytes of a read may be used again by the reader of the socket.
    rest = data.length === 0 ? undefined : Buffer.from(data)
  }
}

interface Head {
  readonly opcode: number
  readonly contentAt: number
  readonly endAt: number
  readonly mask: Buffer | undefined
}

function readHead(data: Buffer): Head | undefined {
  const [first, second] = data
  if (first === undefined || second === undefined) return undefined
  if ((first & finalBit) === 0 || (first & 0x0f) === 0) throw new Error('a fragmented websocket frame came')
  const short = second & ~maskBit
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0
  if (data.length < 2 + lengthBytes) return undefined
  const length = lengthBytes === 0 ? short : lengthBytes === 2 ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2))
  const isMasked = (second & maskBit) !== 0
  const contentAt = 2 + lengthBytes + (isMasked ? maskBytes : 0)
  if (data.length < contentAt) return undefined
  const mask = isMasked ? data.subarray(contentAt - maskBytes, contentAt) : undefined
  return { opcode: first & 0x0f, contentAt, endAt: contentAt + length, mask }
}

function unmask(content: Buffer, mask: Buffer): void {
  for (let at = 0; at < content.length; at++) content[at] = (content[at] ?? 0) ^ (mask[at % maskBytes] ?? 0)
}
