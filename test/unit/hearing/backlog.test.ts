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
