import { describe, expect, test } from 'vitest'
import { BridgeError } from '../../../src/errors.ts'
import { createTransfer, dialOrder } from '../../../src/call/transfer.ts'
import { createSteppedClock } from '../../../src/simulator/clock.ts'

const order = { to: '+15551230099', callerId: '+15005550006', timeoutMs: 30_000 }
const busy = { ended: 'busy', durationMs: 0 } as const
const answered = { ended: 'answered', durationMs: 4000 } as const

function stage(otherwise?: string) {
  const clock = createSteppedClock()
  const ends: string[] = []
  return { clock, ends, transfer: createTransfer(order, otherwise, { clock, over: (reason) => ends.push(reason) }) }
}

describe('a transfer', () => {
  test('Twilio may ask twice what to do, and gets the same answer', () => {
    const { transfer } = stage()
    expect(transfer.next()).toEqual(order)
    expect(transfer.next()).toEqual(order)
    expect(transfer.connecting).toBe(true)
  })

  test('what became of it is told twice: the first word counts, and it ends once', async () => {
    const { transfer, ends } = stage()
    transfer.next()
    expect(transfer.dialled(answered)).toBeUndefined()
    expect(transfer.dialled(busy)).toBeUndefined()
    transfer.hungUp()
    expect(await transfer.outcome).toEqual(answered)
    expect(ends).toEqual(['transferred'])
    // A question that was held up on its way must not ring the other phone again.
    expect(transfer.next()).toBeUndefined()
  })

  test('what is to be said otherwise is said whole, however often Twilio tells that nobody answered', async () => {
    const { transfer, ends, clock } = stage('Nobody is there.')
    transfer.next()
    expect(transfer.dialled(busy)).toBe('Nobody is there.')
    expect(transfer.next()).toBeUndefined()
    await clock.advance(2000)
    expect(transfer.dialled({ ended: 'failed', durationMs: 0 })).toBe('Nobody is there.')
    expect(ends).toEqual([])
    transfer.said()
    transfer.said()
    expect(await transfer.outcome).toEqual(busy)
    expect(ends).toEqual(['transfer-failed'])
  })

  test('that it was said is never told: it ends all the same', async () => {
    const { transfer, ends, clock } = stage('Nobody is there.')
    transfer.next()
    transfer.dialled(busy)
    await clock.advance(60_000)
    expect(ends).toEqual(['transfer-failed'])
    expect(await transfer.outcome).toEqual(busy)
  })

  test('the end of the call overtakes what became of the transfer', async () => {
    const { transfer, ends, clock } = stage()
    transfer.next()
    transfer.hungUp()
    await clock.advance(4000)
    transfer.dialled(answered)
    expect(await transfer.outcome).toEqual(answered)
    expect(ends).toEqual(['transferred'])
  })

  test('the end of the call comes, and what became of the transfer never: nobody is known to have answered', async () => {
    const { transfer, ends, clock } = stage()
    transfer.next()
    await clock.advance(3_600_000)
    expect(ends).toEqual([])
    transfer.hungUp()
    await clock.advance(5000)
    expect(await transfer.outcome).toEqual({ ended: 'cancelled', durationMs: 0 })
    expect(ends).toEqual(['callee-hung-up'])
    transfer.dialled(answered)
    expect(ends).toHaveLength(1)
  })

  test('Twilio never asks what to do', async () => {
    const { transfer, ends, clock } = stage('Nobody is there.')
    await clock.advance(10_000)
    expect(ends).toEqual(['transfer-failed'])
    expect(await transfer.outcome).toEqual({ ended: 'failed', durationMs: 0 })
    expect(transfer.next()).toBeUndefined()
  })

  test('the call ends for another reason: no timer is left, nothing is told any more', async () => {
    const { transfer, ends, clock } = stage()
    const reason = new BridgeError('call.ended', 'Over.')
    transfer.stop(reason)
    await clock.advance(60_000)
    await expect(transfer.outcome).rejects.toBe(reason)
    expect(ends).toEqual([])
    expect(transfer.result).toBeUndefined()
  })
})

test('the time to ring is one that Twilio takes, and the number shown a number', () => {
  const rules = { destination: (to: string) => to, own: '+15005550006' }
  expect(dialOrder('+15551230099', {}, rules)).toEqual(order)
  expect(dialOrder('+15551230099', { timeoutMs: 1 }, rules).timeoutMs).toBe(5_000)
  expect(dialOrder('+15551230099', { timeoutMs: 1e9 }, rules).timeoutMs).toBe(600_000)
  expect(() => dialOrder('+15551230099', { callerId: 'me' }, rules)).toThrow(/callerId/)
})
