import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFastPath } from '../../../src/wire/fast-path.ts'

interface Frame {
  readonly opcode: number
  readonly final: boolean
  readonly content: Buffer
  readonly longForm: boolean
}

/** One frame by RFC 6455, 5.2, written out here once more. */
function bytesOf({ opcode, final, content, longForm }: Frame, key: Buffer | undefined): Buffer {
  const { length } = content
  const mask = key ? 0x80 : 0
  const head = [(final ? 0x80 : 0) | opcode]
  if (longForm) head.push(mask | 127, 0, 0, 0, 0, 0, 0, length >> 8, length & 0xff)
  else if (length > 125) head.push(mask | 126, length >> 8, length & 0xff)
  else head.push(mask | length)
  const masked = key ? Buffer.from(content.map((byte, at) => byte ^ (key[at % 4] ?? 0))) : content
  return Buffer.concat([Buffer.from(head), key ?? Buffer.alloc(0), masked])
}

const frame = fc.record({
  opcode: fc.constantFrom(0, ...Array.from({ length: 9 }, () => 1), 2, 9, 10),
  final: fc.nat(9).map((share) => share > 0),
  content: fc
    .oneof(fc.uint8Array({ maxLength: 8 }), fc.uint8Array({ minLength: 120, maxLength: 300 }))
    .map((bytes) => Buffer.from(bytes)),
  longForm: fc.boolean(),
})
const key = fc.option(
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
  { nil: undefined },
)

/** Cuts bytes at these shares of them. */
function cut(bytes: Buffer, shares: readonly number[]): Buffer[] {
  const places = [...shares.map((share) => Math.floor(share * bytes.length)), bytes.length].toSorted((a, b) => a - b)
  return places.map((place, index) => bytes.subarray(places[index - 1] ?? 0, place)).filter(({ length }) => length > 0)
}

test('whatever is taken and whatever is passed on is all that came, in the order it came, however it is cut', () => {
  let takenInAll = 0
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 12 }),
      key,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
      (frames, mask, cuts) => {
        const all = Buffer.concat(frames.map((one) => bytesOf(one, mask)))
        const out: Buffer[] = []
        const path = createFastPath({
          masked: mask !== undefined,
          take(bytes, from, to) {
            const content = Buffer.from(bytes.subarray(from, to))
            // Every second is left, as what the reader does not know.
            if (content.length % 2 === 1) return false
            const clear = mask ? Buffer.from(content.map((byte, at) => byte ^ (mask[at % 4] ?? 0))) : content
            takenInAll++
            out.push(bytesOf({ opcode: 1, final: true, content: clear, longForm: false }, mask))
            return true
          },
          pass: (bytes) => void out.push(Buffer.from(bytes)),
        })
        for (const read of cut(all, cuts)) {
          const own = Buffer.from(read)
          if (!path.takeOne(own, own.length)) path.read(own)
        }
        expect(Buffer.concat(out).equals(all)).toBe(true)
      },
    ),
    { numRuns: 500 },
  )
  expect(takenInAll).toBeGreaterThan(200)
})

/** What is taken of frames that come one in a read. */
function taken(frames: readonly Frame[], masked = false): string[] {
  const contents: string[] = []
  const path = createFastPath({
    masked,
    take: (bytes, from, to) => contents.push(bytes.toString('latin1', from, to)) > 0,
    pass() {},
  })
  for (const one of frames) {
    const bytes = bytesOf(one, undefined)
    if (!path.takeOne(bytes, bytes.length)) path.read(bytes)
  }
  return contents
}
const text = (content: string): Frame => ({ opcode: 1, final: true, content: Buffer.from(content), longForm: false })

test('a text frame that comes in one read is taken, be it short or long', () => {
  const long = 'x'.repeat(60_000)
  expect(taken([text(''), text('short'), text(long)])).toEqual(['', 'short', long])
})

test('no fragment is taken, and nothing between fragments; behind the last one frames are taken again', () => {
  const begin = { ...text('be'), final: false }
  const go = { ...text('gi'), opcode: 0, final: false }
  const end = { ...text('n'), opcode: 0 }
  const ping = { ...text('?'), opcode: 9 }
  expect(taken([begin, ping, text('never'), go, end, text('again')])).toEqual(['again'])
})

test('behind a close frame nothing is taken', () => {
  const close = { ...text(''), opcode: 8, content: Buffer.from([3, 232]) }
  expect(taken([text('a'), close, text('b')])).toEqual(['a'])
})

test('a frame that is masked and must not be, or is not and must be, is left to those who refuse it', () => {
  expect(taken([text('clear')], true)).toEqual([])
})

test('what came before the path began is followed, not taken', () => {
  const contents: string[] = []
  const path = createFastPath({
    masked: false,
    take: (bytes, from, to) => contents.push(bytes.toString('latin1', from, to)) > 0,
    pass() {},
  })
  const first = bytesOf(text('cut in the middle'), undefined)
  path.follow(first.subarray(0, 6))
  path.read(Buffer.concat([first.subarray(6), bytesOf(text('next'), undefined)]))
  expect(contents).toEqual(['next'])
})
