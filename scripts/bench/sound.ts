/** Sound whose every chunk says where it belongs, so that a chunk lost, swapped or sent twice cannot go unnoticed. Pure. */
export interface Voice {
  readonly chunkMs: number
  readonly chunkBytes: number
  /** Characters of a chunk's base64. */
  readonly chars: number
  /** The chunk at a place in a stream, as base64 of mu-law. */
  payload(stream: number, place: number): string
  /** The same in its two parts: the first names stream and place, the second is noise that differs too. */
  head(stream: number, place: number): string
  tail(stream: number, place: number): string
}

const bytesPerMs = 8
/** Six bytes, eight characters: nothing of the head shares a group of base64 with the tail. */
const headBytes = 6
const headChars = 8
const tails = 61
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const pairs = Array.from({ length: 4096 }, (_, value) => `${digits[value >> 6]}${digits[value & 63]}`)
const limit = 2 ** 24

export function createVoice(chunkMs: number): Voice {
  const chunkBytes = chunkMs * bytesPerMs
  const noise = Array.from({ length: tails }, (_, seed) => noiseOf(chunkBytes - headBytes, seed + 1))
  const tail = (stream: number, place: number) => noise[(stream * 7 + place) % tails] ?? ''
  return {
    chunkMs,
    chunkBytes,
    chars: headChars + tail(0, 0).length,
    head: headOf,
    tail,
    payload: (stream, place) => headOf(stream, place) + tail(stream, place),
  }
}

function headOf(stream: number, place: number): string {
  return four(stream % limit) + four(place % limit)
}

/** Stream and place that a payload names; undefined where it is too short, or no base64. */
export function readHead(payload: string): { readonly stream: number; readonly place: number } | undefined {
  if (!/^[A-Za-z0-9+/]{8}/.test(payload)) return undefined
  return { stream: number(payload.slice(0, 4)), place: number(payload.slice(4, 8)) }
}

function four(value: number): string {
  return `${pairs[value >> 12]}${pairs[value & 4095]}`
}

function number(four: string): number {
  return four.split('').reduce((sum, digit) => sum * 64 + digits.indexOf(digit), 0)
}

/** A linear congruential generator: the same noise in every run. */
function noiseOf(bytes: number, seed: number): string {
  const noise = Buffer.alloc(bytes)
  let state = seed * 2_654_435_761
  for (let at = 0; at < bytes; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    noise[at] = state >>> 24
  }
  return noise.toString('base64')
}
