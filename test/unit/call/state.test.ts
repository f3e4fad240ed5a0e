import { expect, test } from 'vitest'
import type { CallEvent } from '../../../src/call/events.ts'
import { followState } from '../../../src/call/state.ts'

function statesOf(types: readonly ('dialling' | 'ringing' | 'answered' | 'streaming' | 'voicemail')[]): unknown[][] {
  const states: unknown[][] = []
  const follow = followState((...change) => void states.push(change))
  for (const type of types) follow({ type, atMs: 0, sequence: 1 })
  follow({ type: 'ended', reason: 'completed', atMs: 0, sequence: 1 } satisfies CallEvent)
  return states
}

test('each state is told once, with the one before it', () => {
  expect(statesOf(['dialling', 'ringing', 'ringing', 'voicemail', 'answered', 'streaming'])).toEqual([
    ['dialling', undefined],
    ['ringing', 'dialling'],
    ['answered', 'ringing'],
    ['streaming', 'answered'],
    ['ended', 'streaming'],
  ])
})

test('an event that comes late leads back to no state', () => {
  expect(statesOf(['dialling', 'streaming', 'ringing', 'answered']).map(([state]) => state)).toEqual([
    'dialling',
    'streaming',
    'ended',
  ])
})
