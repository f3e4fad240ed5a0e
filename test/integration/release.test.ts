import { describe, expect, test } from 'vitest'
import type { NetworkBehaviour } from '../../src/simulator/phone-network/behaviour.ts'
import type { PhoneScript } from '../../src/simulator/phone-network/phone/script.ts'
import { startWorld } from '../world.ts'

const to = '+15551230001'

const cases: { what: string; script?: PhoneScript; network?: Partial<NetworkBehaviour>; cancelAtMs?: number }[] = [
  { what: 'all was heard' },
  { what: 'the callee hangs up', script: { hangUp: { afterHeardMs: 1500 } } },
  { what: 'the stream breaks off', network: { loseStreamAfterMs: 2000 } },
  { what: 'we cancel', cancelAtMs: 3500 },
  { what: '`stop` without a close', script: { hangUp: { afterHeardMs: 1500 } }, network: { closeAfterStop: false } },
  { what: 'no callback at all', network: { statusCallbackLoss: 'all' } },
]

describe('after the end of a call nothing is left', () => {
  test.each(cases)('$what', async ({ script, network = {}, cancelAtMs }) => {
    await using world = await startWorld({ network: { behaviour: network } })
    world.network.phone(to, script)
    const call = world.dial(to, 'This is the first sentence. This is the second one.')
    if (cancelAtMs !== undefined) {
      await world.clock.advance(cancelAtMs)
      call.end('cancelled')
    }
    const ended = new Promise<void>((resolve) => call.signal.addEventListener('abort', () => resolve()))
    await world.until(call.signal.aborted ? Promise.resolve() : ended)
    const endedMs = world.clock.now()
    await world.clock.advance(1000)
    const [stream] = world.network.calls[0]?.streams ?? []
    expect(stream?.closedAtMs).toBeLessThanOrEqual(endedMs + 1000)
    expect(world.async.connections).toBe(0)
    await world.until(call.outcome)
    expect(world.app.calls()).toEqual([])
    await world.clock.advance(5000)
    expect(world.network.calls.map((one) => one.status)).toEqual(['completed'])
  })

  test('the phone is free a tenth of a second after the last word, without a further request to Twilio', async () => {
    await using world = await startWorld()
    const phone = world.network.phone(to)
    const call = world.dial(to, 'Your order has shipped.')
    await world.until(phone.ended)
    const [simulated] = world.network.calls
    const answeredMs = simulated?.answeredAtMs ?? 0
    const silentTail = phone.recording.length - phone.recording.findLastIndex((byte) => byte !== 0xff)
    expect((simulated?.endedAtMs ?? 0) - answeredMs).toBeGreaterThan(phone.heardMs)
    expect(silentTail / 8).toBeLessThan(100)
    expect(await world.until(call.outcome)).toMatchObject({ reason: 'completed' })
  })
})
