import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Path } from './path.ts'

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

/** As a peer may send them: fragments follow one another, control frames are short and whole. */
function orderly(frames: readonly Frame[]): Frame[] {
  let fragmented = false
  return frames.map((one) => {
    if (one.opcode > 8) return { ...one, final: true, longForm: false, content: one.content.subarray(0, 125) }
    const opcode = fragmented ? 0 : one.opcode === 0 ? 1 : one.opcode
    fragmented = !one.final
    return { ...one, opcode }
  })
}

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
        const all = Buffer.concat(orderly(frames).map((one) => bytesOf(one, mask)))
        const out: Buffer[] = []
        const path = new Path(mask !== undefined, (bytes, from, to) => {
          const content = Buffer.from(bytes.subarray(from, to))
          // Every second is left, as what the reader does not know.
          if (content.length % 2 === 1) return false
          const clear = mask ? Buffer.from(content.map((byte, at) => byte ^ (mask[at % 4] ?? 0))) : content
          takenInAll++
          out.push(bytesOf({ opcode: 1, final: true, content: clear, longForm: false }, mask))
          return true
        })
        for (const read of cut(all, cuts)) {
          const own = Buffer.from(read)
          if (path.takeOne(own, own.length)) continue
          for (const rest of path.read(own)) out.push(Buffer.from(rest))
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
  const path = new Path(masked, (bytes, from, to) => contents.push(bytes.toString('latin1', from, to)) > 0)
  for (const one of frames) {
    const bytes = bytesOf(one, undefined)
    if (!path.takeOne(bytes, bytes.length)) Array.from(path.read(bytes))
  }
  return contents
}
const text = (content: string): Frame => ({ opcode: 1, final: true, content: Buffer.from(content), longForm: false })

test('a text frame that comes in one read is taken, be it short or long', () => {
  const long = 'x'.repeat(60_000)
  expect(taken([text(''), text('short'), text(long)])).toEqual(['', 'short', long])
})

test('no fragment is taken; behind the last one frames are taken again, whatever stood between them', () => {
  const begin = { ...text('be'), final: false }
  const go = { ...text('gi'), opcode: 0, final: false }
  const end = { ...text('n'), opcode: 0 }
  const ping = { ...text('?'), opcode: 9 }
  expect(taken([begin, ping, go, ping, end, text('again')])).toEqual(['again'])
})

test('behind a close frame nothing is taken, nor passed on', () => {
  const close = bytesOf({ ...text(''), opcode: 8, content: Buffer.from([3, 232]) }, undefined)
  const a = bytesOf(text('a'), undefined)
  for (const cutAt of [a.length, a.length + 1, a.length + 3, a.length + close.length]) {
    const all = Buffer.concat([a, close, bytesOf(text('b'), undefined), close])
    const contents: string[] = []
    const path = new Path(false, (bytes, from, to) => contents.push(bytes.toString('latin1', from, to)) > 0)
    const passed = [all.subarray(0, cutAt), all.subarray(cutAt)].flatMap((bytes) => [...path.read(bytes)])
    expect([contents, Buffer.concat(passed).equals(close)]).toEqual([['a'], true])
  }
})

test.each([
  ['a reserved bit', { opcode: 0x11 }],
  ['an opcode that nobody knows', { opcode: 3 }],
  ['a control frame of nobody knows what', { opcode: 0x0b }],
  ['a ping in fragments', { opcode: 9, final: false }],
  ['a ping that is too long', { opcode: 9, content: Buffer.alloc(126) }],
  ['half a close code', { opcode: 8, content: Buffer.alloc(1) }],
  ['the rest of a message that was not begun', { opcode: 0 }],
])('behind what is refused, %s, nothing is taken', (_what, odd) => {
  expect(taken([text('a'), { ...text('odd'), ...odd }, text('b')])).toEqual(['a'])
})

test('behind a message that is begun amid another one nothing is taken', () => {
  const begin = { ...text('be'), final: false }
  expect(taken([begin, text('second'), text('b')])).toEqual([])
})

test('a frame that is masked and must not be, or is not and must be, is left to those who refuse it', () => {
  expect(taken([text('clear')], true)).toEqual([])
})

test('what came before the path began is followed, not taken', () => {
  const contents: string[] = []
  const path = new Path(false, (bytes, from, to) => contents.push(bytes.toString('latin1', from, to)) > 0)
  const first = bytesOf(text('cut in the middle'), undefined)
  path.follow(first.subarray(0, 6))
  Array.from(path.read(Buffer.concat([first.subarray(6), bytesOf(text('next'), undefined)])))
  expect(contents).toEqual(['next'])
})
