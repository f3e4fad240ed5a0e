import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isCallStatus, isTerminal, statusAfter, type CallStatus } from '../../../src/twilio/statuses.ts'

const early: CallStatus[] = ['queued', 'initiated', 'ringing', 'in-progress']
const terminal: CallStatus[] = ['completed', 'busy', 'failed', 'no-answer', 'canceled']

test('completed, busy, failed, no-answer and canceled are terminal, nothing else', () => {
  expect(early.filter(isTerminal)).toEqual([])
  expect(terminal.filter(isTerminal)).toEqual(terminal)
})

test('whatever the order and however often reports come, the end of a call stays its end', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...early)),
      fc.constantFrom(...terminal),
      fc.array(fc.constantFrom(...early, ...terminal)),
      (before, end, late) => {
        const status = [...before, end, ...late].reduce(statusAfter)
        expect(status).toBe(end)
      },
    ),
  )
})

test('a call never goes back to an earlier state', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(early, { minLength: 1 }), (reports) => {
      const furthest = early.findLast((status) => reports.includes(status))
      expect(reports.reduce<CallStatus | undefined>(statusAfter, undefined)).toBe(furthest)
    }),
  )
})

test('names that are no status are told from those that are', () => {
  expect([...early, ...terminal].every(isCallStatus)).toBe(true)
  for (const other of ['answered', 'Completed', '', 'constructor', '__proto__', 4, null, undefined])
    expect(isCallStatus(other)).toBe(false)
})
