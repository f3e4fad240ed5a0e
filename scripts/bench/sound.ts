/** Sound whose every chunk says where it belongs, so that a chunk lost, swapped or sent twice cannot go unnoticed. Pure. */
export interface Voice {
  readonly chunkMs: number
  /** As it stands in a message: base64 of mu-law. */
  readonly text: Form
  /** As it is: mu-law. */
  readonly sound: Form
  /** The chunk at a place in a stream, as base64. */
  payload(stream: number, place: number): string
}

/** Chunks as bytes of one kind, put and compared where they lie. */
export interface Form {
  /** Bytes of each chunk. */
  readonly length: number
  put(into: Buffer, at: number, stream: number, place: number): void
  /** Whether it is this chunk, to the bit. */
  is(bytes: Buffer, at: number, stream: number, place: number): boolean
}

const bytesPerMs = 8
/** The head names stream and place: six bytes, eight characters, nothing of which shares a group of base64 with what follows. */
const headBytes = 6
const headChars = 8
/** The tail is noise that differs, too. */
const tails = 61
const digits = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')

export function createVoice(chunkMs: number): Voice {
  const sounds = Array.from({ length: tails }, (_, seed) => noiseOf(chunkMs * bytesPerMs - headBytes, seed + 1))
  const texts = sounds.map((sound) => Buffer.from(sound.toString('base64')))
  const text = createForm(headChars, headCharAt, texts)
  return {
    chunkMs,
    text,
    sound: createForm(headBytes, headByteAt, sounds),
    payload(stream, place) {
      const bytes = Buffer.alloc(text.length)
      text.put(bytes, 0, stream, place)
      return bytes.toString('latin1')
    },
  }
}

type HeadAt = (index: number, stream: number, place: number) => number

function createForm(headLength: number, headAt: HeadAt, ends: readonly Buffer[]): Form {
  const none = Buffer.alloc(0)
  const tailLength = ends[0]?.length ?? 0
  const tail = (stream: number, place: number) => ends[(stream * 7 + place) % tails] ?? none
  return {
    length: headLength + tailLength,
    put(into, at, stream, place) {
      for (let index = 0; index < headLength; index++) into[at + index] = headAt(index, stream, place)
      into.set(tail(stream, place), at + headLength)
    },
    is(bytes, at, stream, place) {
      for (let index = 0; index < headLength; index++)
        if (bytes[at + index] !== headAt(index, stream, place)) return false
      const from = at + headLength
      const to = from + tailLength
      return to <= bytes.length && bytes.compare(tail(stream, place), 0, tailLength, from, to) === 0
    },
  }
}

/** Three bytes of the stream, three of the place. */
function headByteAt(index: number, stream: number, place: number): number {
  return index < 3 ? (stream >> (16 - index * 8)) & 0xff : (place >> (40 - index * 8)) & 0xff
}

/** The same as base64: four digits of the stream, four of the place. */
function headCharAt(index: number, stream: number, place: number): number {
  const digit = index < 4 ? stream >> (18 - index * 6) : place >> (42 - index * 6)
  return digits[digit & 63] ?? 0
}

/** Stream and place that a payload names; undefined where it is too short, or no base64. */
export function readHead(payload: string): { readonly stream: number; readonly place: number } | undefined {
  if (!/^[A-Za-z0-9+/]{8}/.test(payload)) return undefined
  const head = Buffer.from(payload.slice(0, headChars), 'base64')
  return { stream: head.readUIntBE(0, 3), place: head.readUIntBE(3, 3) }
}

/** A linear congruential generator: the same noise in every run. */
function noiseOf(bytes: number, seed: number): Buffer {
  const noise = Buffer.alloc(bytes)
  let state = seed * 2_654_435_761
  for (let at = 0; at < bytes; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    noise[at] = state >>> 24
  }
  return noise
}
