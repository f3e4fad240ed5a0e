import { expect, test } from 'vitest'
import { documentedTurns } from '../../../../../src/simulator/deepgram/flux/behaviour.ts'
import { behaviourRows, holdsDefaults } from '../listen/docs.ts'

test('the page lists every behaviour of turns with its default, and no other', () => {
  holdsDefaults(behaviourRows('Turns'), documentedTurns)
  expect(behaviourRows('Turns').size).toBeGreaterThan(0)
})
