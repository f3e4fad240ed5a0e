import { expect, test } from 'vitest'
import { createHandOver } from '../../../src/call/hand-over.ts'
import { BridgeError } from '../../../src/errors.ts'
import { createSteppedClock } from '../../../src/simulator/clock.ts'

test('Twilio may ask for any part again, also for the one after the last: the account is the same', () => {
  const spoken = { heardMs: 100, sentMs: 200, heardText: 'One.', unheard: ['Two.', 'Three.'] }
  const error = new BridgeError('speech.lost', 'None is left.')
  const handOver = createHandOver(createSteppedClock(), spoken, 'Sorry.', error, () => {})
  expect(handOver.account).toEqual({ heardMs: 100, sentMs: 200, heardText: 'One.', whole: false })
  for (let times = 0; times < 2; times++) {
    expect(handOver.part(0)).toEqual(['Two.', 'Three.'])
    expect(handOver.part(1)).toBeUndefined()
    expect(handOver.account).toEqual({ heardMs: 100, sentMs: 200, heardText: 'One. Two. Three.', whole: true })
  }
  handOver.stop()
})
