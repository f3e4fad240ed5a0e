import { describe, expect, test } from 'vitest'
import type { PhoneScript } from '../../../../src/simulator/phone-network/phone/script.ts'
import { callee, setScene } from './bridge.ts'
import { refusal } from './refusal.ts'

const hold = '<Response><Pause length="60"/></Response>'

describe('ended resolves, with the terminal status decided', () => {
  test.each<[NonNullable<PhoneScript['answer']>, string]>([
    ['busy', 'busy'],
    ['failed', 'failed'],
    ['no-answer', 'no-answer'],
  ])('for a phone that is %s', async (answer, status) => {
    const { clock, dial, network } = await setScene()
    const phone = network.phone(callee, { answer })
    await dial({ twiml: hold })
    await clock.runUntil(phone.ended)
    expect(network.calls[0]?.status).toBe(status)
  })

  test.each([
    ['while it is queued', { callsPerSecond: 0.1 }, 0],
    ['before it rings', { postDialDelayMs: 5000 }, 1000],
    ['while it rings', {}, 600],
  ])('for a call that is cancelled %s', async (_when, behaviour, afterMs) => {
    const { client, clock, dial, network } = await setScene({ behaviour })
    await dial({ to: '+14155550199', twiml: hold })
    const phone = network.phone(callee)
    const sid = await dial({ twiml: hold })
    await clock.advance(afterMs)
    const before = network.calls[1]?.status
    await clock.runUntil(client.calls(sid).update({ status: 'canceled' }))
    await clock.runUntil(phone.ended)
    expect(before).toBe(afterMs === 600 ? 'ringing' : 'queued')
    expect(network.calls[1]?.status).toBe('canceled')
  })

  test('for a phone that <Dial> finds busy', async () => {
    const { clock, dial, network } = await setScene()
    network.phone(callee)
    const other = network.phone('+14155550777', { answer: 'busy' })
    await dial({ twiml: '<Response><Dial>+14155550777</Dial></Response>' })
    await clock.runUntil(other.ended)
    expect(network.calls[1]?.status).toBe('busy')
  })
})

test('ended tells of the next call from the moment in which that is accepted, also when it never rings', async () => {
  const { clock, dial, network } = await setScene()
  const phone = network.phone(callee, { answer: 'busy' })
  for (const index of [0, 1, 2]) {
    await dial({ twiml: hold })
    await clock.runUntil(phone.ended)
    expect(network.calls[index]?.status).toBe('busy')
  }
})

test('ended tells of the next <Dial> too', async () => {
  const { clock, dial, network } = await setScene()
  const phone = network.phone(callee)
  const other = network.phone('+14155550777', { answer: 'busy' })
  const verb = '<Dial>+14155550777</Dial>'
  await dial({ twiml: `<Response>${verb}<Pause length="5"/>${verb}</Response>` })
  const first = other.ended
  await clock.runUntil(first)
  await clock.runUntil(phone.ended)
  expect(other.ended).not.toBe(first)
  await other.ended
})

test('a create that is refused begins no call: ended waits for one, and resolves when the network closes', async () => {
  const { client, clock, from, network } = await setScene()
  const phone = network.phone(callee)
  let ended = false
  void phone.ended.then(() => {
    ended = true
  })
  const error = await clock.runUntil(refusal(client.calls.create({ to: callee, from, twiml: hold, timeout: 601 })))
  expect(error.code).toBe(21_208)
  await clock.advance(600_000)
  expect(ended).toBe(false)
  await network.close()
  await phone.ended
})

test('a phone whose number is given to another one waits for no call any more', async () => {
  const { network } = await setScene()
  const phone = network.phone(callee)
  network.phone(callee)
  await phone.ended
})
