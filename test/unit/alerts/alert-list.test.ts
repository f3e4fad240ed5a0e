import { describe, expect, test } from 'vitest'
import { afterRefusal, becameOf, nextInList, type Person, type Try } from '../../../src/alerts/alert-list.ts'
import type { EndReason, OutcomeStatus } from '../../../src/call/outcome.ts'
import { BridgeError, type ErrorCode } from '../../../src/errors.ts'

describe('what became of a call', () => {
  const cases: readonly [OutcomeStatus, EndReason, 'confirmed' | null, string][] = [
    ['partly-heard', 'completed', 'confirmed', 'acknowledged'],
    ['partly-heard', 'callee-hung-up', 'confirmed', 'acknowledged'],
    ['voicemail', 'completed', 'confirmed', 'acknowledged'],
    ['heard', 'completed', null, 'not-acknowledged'],
    ['unheard', 'callee-hung-up', null, 'not-acknowledged'],
    ['partly-heard', 'idle', null, 'not-acknowledged'],
    ['voicemail', 'completed', null, 'voicemail'],
    ['busy', 'busy', null, 'busy'],
    ['no-answer', 'no-answer', null, 'no-answer'],
    ['failed', 'refused', null, 'refused'],
    ['failed', 'unreachable', null, 'failed'],
    ['partly-heard', 'stream-lost', null, 'failed'],
    ['unheard', 'flow-failed', null, 'failed'],
    ['canceled', 'cancelled', null, 'cancelled'],
    ['partly-heard', 'server-stopped', null, 'cancelled'],
  ]
  test.each(cases)('%s (%s), answer %s: %s', (status, reason, answer, became) => {
    expect(becameOf({ status, reason, answer })).toBe(became)
  })

  test('whoever opted out has not acknowledged', () => {
    expect(becameOf({ status: 'heard', reason: 'completed', answer: 'opted-out' })).toBe('not-acknowledged')
  })
})

describe('whose turn it is', () => {
  const person = (...tries: (Try['became'] | ErrorCode)[]): Person => ({
    to: '+15551230001',
    tries: tries.map((became) =>
      became?.includes('.')
        ? { callId: null, became: 'refused', error: { code: became as ErrorCode, message: '' } }
        : { callId: 'c', became: became as Try['became'], error: null },
    ),
  })

  test('everybody once, in order, and then the next round', () => {
    expect(nextInList([person(), person()], 2)).toBe(0)
    expect(nextInList([person('busy'), person()], 2)).toBe(1)
    expect(nextInList([person('busy'), person('voicemail')], 2)).toBe(0)
    expect(nextInList([person('busy', 'busy'), person('voicemail')], 2)).toBe(1)
    expect(nextInList([person('busy', 'busy'), person('voicemail', 'busy')], 2)).toBeUndefined()
  })

  test('a number that is refused for itself is not tried again; a limit may be over in the next round', () => {
    expect(nextInList([person('destination.country'), person('busy')], 2)).toBe(1)
    expect(nextInList([person('number.invalid'), person('busy', 'busy')], 2)).toBeUndefined()
    expect(nextInList([person('limit.calls-per-number'), person('busy')], 2)).toBe(0)
  })

  test('nobody is in an empty list', () => {
    expect(nextInList([], 3)).toBeUndefined()
  })
})

describe('a call that may not be placed now', () => {
  const refusal = (code: ErrorCode, retryAfterMs?: number) =>
    new BridgeError(code, '', retryAfterMs === undefined ? {} : { details: { retryAfterMs } })

  test('is waited for where that is short, two minutes in all', () => {
    expect(afterRefusal(refusal('limit.calls-per-minute', 40_000), 0)).toEqual({ waitMs: 40_000 })
    expect(afterRefusal(refusal('limit.calls-per-minute', 40_000), 80_000)).toEqual({ waitMs: 40_000 })
    expect(afterRefusal(refusal('limit.calls-per-minute', 40_000), 80_001)).toBe('next')
    expect(afterRefusal(refusal('limit.calls-per-number', 60_001), 0)).toBe('next')
  })

  test('a number that is not called is passed over', () => {
    expect(afterRefusal(refusal('destination.country'), 0)).toBe('next')
    expect(afterRefusal(refusal('internal'), 0)).toBe('next')
  })

  test('a server that stops calls nobody', () => {
    expect(afterRefusal(refusal('server.draining', 10_000), 0)).toBe('stop')
  })
})
