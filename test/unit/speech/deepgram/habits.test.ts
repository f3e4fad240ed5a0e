import { expect, test } from 'vitest'
import { createHabits } from '../../../../src/speech/deepgram/habits.ts'

test('that Flushed is the last is learnt for every session, that it is early for one', () => {
  const knowledge = { flushedIsLast: false }
  const habits = createHabits(knowledge)
  expect(habits.flushed).toBe('unknown')
  habits.proven()
  expect(createHabits(knowledge).flushed).toBe('last')
  habits.disproven('flushed')
  habits.proven()
  expect([habits.flushed, createHabits(knowledge).flushed]).toEqual(['early', 'unknown'])
})

test('a Flushed that is missing has to be seen again', () => {
  const habits = createHabits({ flushedIsLast: true })
  habits.missing()
  expect(habits.flushed).toBe('unknown')
})

test('that audio comes after Cleared is learnt for one session', () => {
  const knowledge = { flushedIsLast: true }
  const habits = createHabits(knowledge)
  expect(habits.audioAfterCleared).toBe(false)
  habits.disproven('cleared')
  expect([habits.audioAfterCleared, createHabits(knowledge).audioAfterCleared]).toEqual([true, false])
  expect(habits.flushed).toBe('last')
})
