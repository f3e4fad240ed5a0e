import { expect, test } from 'vitest'
import { createTransfer } from '../../src/call/transfer.ts'
import { BridgeError } from '../../src/errors.ts'
import { createSteppedClock } from '../../src/simulator/clock.ts'

test('a call that is over, and of which Twilio then tells the end, waits for nothing more of its transfer', async () => {
  const clock = createSteppedClock()
  const ends: string[] = []
  const order = { to: '+15551230100', callerId: '+15005550006', timeoutMs: 20_000 }
  const transfer = createTransfer(order, undefined, { clock, over: (reason) => ends.push(reason) })
  transfer.next()
  transfer.stop(new BridgeError('call.ended', 'The call took too long.'))
  transfer.hungUp()
  expect(clock.timers).toBe(0)
  await expect(transfer.outcome).rejects.toMatchObject({ code: 'call.ended' })
  expect(ends).toEqual([])
})
