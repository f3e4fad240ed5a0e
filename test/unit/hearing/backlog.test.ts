import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBacklog } from '../../../src/hearing/backlog.ts'

const frame = (fill: number) => Buffer.alloc(160, fill)

test('audio is kept in order until it was told', () => {
  const backlog = createBacklog()
  for (const fill of [1, 2, 3]) backlog.push(frame(fill))
  expect(backlog.kept()).toEqual({ frames: [frame(1), frame(2), frame(3)], startMs: 0 })
  backlog.dropBefore(39)
  expect(backlog.kept()).toEqual({ frames: [frame(2), frame(3)], startMs: 20 })
  backlog.dropBefore(10)
  expect(backlog.kept().startMs).toBe(20)
})

test('five seconds are kept, the last ones, and their place is known', () => {
  const backlog = createBacklog()
  for (let n = 0; n < 1000; n++) backlog.push(frame(n % 256))
  const { frames, startMs } = backlog.kept()
  expect([frames.length, startMs, frames.at(-1)]).toEqual([250, 15_000, frame(999 % 256)])
})

test('when all was told nothing is kept', () => {
  const backlog = createBacklog()
  backlog.push(frame(1))
  backlog.dropBefore(60_000)
  expect(backlog.kept()).toEqual({ frames: [], startMs: 20 })
  backlog.push(frame(2))
  expect(backlog.kept().startMs).toBe(20)
})

test('what was pushed may be used again for something else', () => {
  const backlog = createBacklog()
  const shared = frame(1)
  backlog.push(shared)
  shared.fill(2)
  expect(backlog.kept().frames).toEqual([frame(1)])
})

test('frames of any lengths come out as they went in, however the memory is used again', () => {
  const lengths = fc.oneof(fc.constant(160), fc.constant(0), fc.integer({ min: 1, max: 700 }), fc.nat(16_000))
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ length: lengths }) },
    { weight: 1, arbitrary: fc.record({ dropMs: fc.nat(3000) }) },
    { weight: 1, arbitrary: fc.constant({ dropMs: Number.POSITIVE_INFINITY }) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const backlog = createBacklog()
      let frames: Buffer[] = []
      let firstByte = 0
      const soundBytes = () => frames.reduce((sum, { length }) => sum + length, 0)
      function dropWhile(wanted: (first: Buffer) => boolean) {
        for (let first = frames[0]; first && wanted(first); first = frames[0]) {
          firstByte += first.length
          frames = frames.slice(1)
        }
      }
      for (const [at, each] of steps.entries()) {
        if ('length' in each) {
          const sound = Buffer.from(Uint8Array.from({ length: each.length }, (_, byte) => byte + at * 7))
          backlog.push(sound)
          frames.push(sound)
          dropWhile(() => soundBytes() > 40_000)
        } else {
          const byte = backlog.startMs * 8 + each.dropMs * 8
          backlog.dropBefore(backlog.startMs + each.dropMs)
          dropWhile((first) => firstByte + first.length <= byte)
        }
        expect(backlog.startMs).toBe(firstByte / 8)
      }
      const kept = backlog.kept().frames
      expect(Buffer.concat(kept).equals(Buffer.concat(frames))).toBe(true)
      expect(kept.map(({ length }) => length)).toEqual(frames.map(({ length }) => length))
    }),
  )
})
