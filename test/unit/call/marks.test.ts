import { expect, test } from 'vitest'
import { createMarks } from '../../../src/call/marks.ts'

test('a mark is taken once, in whatever order they come back, and the oldest is the first that did not', () => {
  const marks = createMarks()
  for (const [place, name] of ['a', 'b', 'c', 'd'].entries()) marks.add(name, place)
  expect([marks.take('c'), marks.take('c'), marks.take('x'), marks.oldest()]).toEqual([2, undefined, undefined, 0])
  expect([marks.take('a'), marks.oldest()]).toEqual([0, 1])
  expect([marks.take('d'), marks.take('b'), marks.oldest()]).toEqual([3, 1, undefined])
  marks.add('e', 4)
  marks.add('f', 5)
  expect([marks.take('f'), marks.oldest()]).toEqual([5, 4])
  marks.add('g', 6)
  expect([marks.take('e'), marks.oldest()]).toEqual([4, 6])
})

test('what was cleared does not come back', () => {
  const marks = createMarks()
  marks.add('a', 1)
  marks.clear()
  marks.add('b', 2)
  expect([marks.take('a'), marks.oldest()]).toEqual([undefined, 2])
})
