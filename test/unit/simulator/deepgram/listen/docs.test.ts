import { expect, test } from 'vitest'
import { documentedListening } from '../../../../../src/simulator/deepgram/listen/behaviour.ts'
import type { ListenFaultCode } from '../../../../../src/simulator/deepgram/listen/client-messages.ts'
import { behaviourRows, holdsDefaults, sectionOf } from './docs.ts'

const section = sectionOf('Listening')

test('the page lists every behaviour of listening with its default, and no other', () => {
  holdsDefaults(behaviourRows('Listening'), documentedListening)
  expect(behaviourRows('Listening').size).toBeGreaterThan(0)
})

test('the page lists every fault of listening, and no other', () => {
  const every: Record<ListenFaultCode, true> = {
    'bad-key': true,
    'unknown-parameter': true,
    'bad-parameter': true,
    'not-json': true,
    'too-large': true,
    'unknown-message': true,
    'unknown-field': true,
    'keepalive-before-audio': true,
    'empty-audio': true,
    'after-close': true,
  }
  const faults = section.slice(section.indexOf('- `faults`:'), section.indexOf('\n\nThe query takes'))
  expect([...faults.matchAll(/`([a-z-]+)`/g)].map((found) => found[1]).slice(1)).toEqual(Object.keys(every))
})
