import { expect, test } from 'vitest'
import { createEventSeats } from '../../../src/http/api/event-seats.ts'

function code(taken: ReturnType<ReturnType<typeof createEventSeats>['take']>): string {
  return 'refused' in taken ? taken.refused.code : 'taken'
}

test('each caller has so many, and all together so many; who leaves makes room', () => {
  const seats = createEventSeats({ inAll: 3, perCaller: 2 })
  const first = seats.take('a')
  expect(['a', 'a', 'b', 'b', 'c', 'a'].map((caller) => code(seats.take(caller)))).toEqual([
    'taken',
    'limit.event-streams-per-key',
    'taken',
    'limit.event-streams',
    'limit.event-streams',
    'limit.event-streams-per-key',
  ])
  if ('leave' in first) first.leave()
  expect([seats.taken, code(seats.take('c')), code(seats.take('a'))]).toEqual([2, 'taken', 'limit.event-streams'])
})

test('leaving twice gives back one', () => {
  const seats = createEventSeats({ inAll: 9, perCaller: 2 })
  const first = seats.take('a')
  seats.take('a')
  if ('leave' in first) {
    first.leave()
    first.leave()
  }
  expect([seats.taken, code(seats.take('a')), code(seats.take('a'))]).toEqual([
    1,
    'taken',
    'limit.event-streams-per-key',
  ])
})

test('a refusal says when to come back', () => {
  const seats = createEventSeats({ inAll: 1, perCaller: 1 })
  seats.take('a')
  for (const caller of ['a', 'b']) {
    const taken = seats.take(caller)
    expect('refused' in taken && taken.refused).toMatchObject({ retryable: true, details: { retryAfterMs: 5000 } })
  }
})
