/** Follows the bytes that come on a websocket from frame to frame (RFC 6455, 5.2). Pure: it reads lengths, no content. */
export interface FrameBounds {
  /** Whether the next byte begins a message: no frame and no fragmented message is under way, and no close frame came. */
  fresh(): boolean
  /** Whether a close frame went by, or one that is refused: what comes then is not read. */
  over(): boolean
  /**
   * Goes on from `at`, to the end of the frame that is under way or of the bytes, whichever is nearer.
   *
   * @returns where that is
   */
  advance(bytes: Buffer, at: number): number
}

const finalBit = 0x80
const maskBit = 0x80
const opcodeBits = 0x0f
const textOpcode = 0x01
const binaryOpcode = 0x02
const closeOpcode = 0x08
const lastOpcode = 0x0a
const reservedBits = 0x70
const longestControl = 125
const shortBits = 0x7f
const maskBytes = 4

/** @param masked whether frames have to be */
export function createFrameBounds(masked: boolean): FrameBounds {
  return new Bounds(masked)
}

class Bounds implements FrameBounds {
  readonly #masked: boolean
  /** Of a frame whose head is cut. */
  #head: number[] = []
  /** Content of the frame that is still to come. */
  #contentLeft = 0
  #fragmented = false
  #closed = false

  constructor(masked: boolean) {
    this.#masked = masked
  }

  fresh(): boolean {
    return this.#contentLeft === 0 && this.#head.length === 0 && !this.#fragmented && !this.#closed
  }

  over(): boolean {
    return this.#closed && this.#contentLeft === 0
  }

  advance(bytes: Buffer, from: number): number {
    let at = from
    while (this.#contentLeft === 0 && at < bytes.length) {
      this.#head.push(bytes[at++] ?? 0)
      if (this.#head.length < headLength(this.#head)) continue
      this.#begin(this.#head)
      this.#head = []
      if (this.#contentLeft === 0) return at
    }
    const end = Math.min(bytes.length, at + this.#contentLeft)
    this.#contentLeft -= end - at
    return end
  }

  #begin(head: readonly number[]): void {
    const [first = 0, second = 0] = head
    const opcode = first & opcodeBits
    const refused = isRefused(first, second, { fragmented: this.#fragmented, masked: this.#masked })
    this.#contentLeft = refused ? 0 : contentLength(head)
    if (opcode === closeOpcode || refused) this.#closed = true
    // Control frames may stand between the fragments of a message.
    if (opcode < closeOpcode) this.#fragmented = (first & finalBit) === 0
  }
}

/**
 * Where the content of a text frame begins that stands whole at `at`, not fragmented, not longer than 65,535 bytes, and
 * masked or not as it has to be. 0 for everything else, whatever it is. A key stands in the four bytes before the content.
 *
 * @param end of the bytes
 */
export function wholeText(bytes: Uint8Array, at: number, end: number, masked: boolean): number {
  if (end - at < 2 || bytes[at] !== (finalBit | textOpcode)) return 0
  const second = bytes[at + 1] ?? 0
  if (((second & maskBit) !== 0) !== masked) return 0
  const short = second & shortBits
  if (short === 127 || (short === 126 && end - at < 4)) return 0
  const contentAt = at + (short === 126 ? 4 : 2) + (masked ? maskBytes : 0)
  return contentAt + textLength(bytes, at) <= end ? contentAt : 0
}

/** The length of the content of a frame for which `wholeText` was not 0. */
export function textLength(bytes: Uint8Array, at: number): number {
  const short = (bytes[at + 1] ?? 0) & shortBits
  return short === 126 ? ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0) : short
}

/** What the first two bytes of a frame must not be (RFC 6455, 5.2 and 5.5), by which `ws` ends the connection. */
function isRefused(first: number, second: number, now: { readonly fragmented: boolean; readonly masked: boolean }) {
  const opcode = first & opcodeBits
  const short = second & shortBits
  const isFinal = (first & finalBit) !== 0
  if ((first & reservedBits) !== 0 || ((second & maskBit) !== 0) !== now.masked) return true
  if (opcode >= closeOpcode)
    return opcode > lastOpcode || !isFinal || short > longestControl || (opcode === closeOpcode && short === 1)
  return opcode > binaryOpcode || (opcode === 0) !== now.fragmented
}

/** As far as it is known from the bytes that are there. */
function headLength([, second]: readonly number[]): number {
  if (second === undefined) return 2
  return 2 + lengthBytes(second) + ((second & maskBit) === 0 ? 0 : maskBytes)
}

function lengthBytes(second: number): number {
  const short = second & shortBits
  return short === 127 ? 8 : short === 126 ? 2 : 0
}

function contentLength(head: readonly number[]): number {
  const second = head[1] ?? 0
  const long = head.slice(2, 2 + lengthBytes(second))
  return long.length === 0 ? second & shortBits : long.reduce((length, byte) => length * 256 + byte, 0)
}
