import twilio from 'twilio'
import { describe, expect, test } from 'vitest'
import type { PhoneNetwork } from '../../../../src/simulator/phone-network/network.ts'
import { callee, setScene } from './bridge.ts'
import { refusal } from './refusal.ts'

const pause = '<Response><Pause length="60"/></Response>'

describe('failures', () => {
  const impatient = (network: PhoneNetwork) => {
    const client = twilio(network.account.sid, network.account.authToken, { timeout: 500 })
    client.api.baseUrl = network.url
    return client
  }

  test('a create whose answer never comes has dialled all the same', async () => {
    const { bridge, clock, from, network } = await setScene({
      behaviour: { rest: { kind: 'no-answer', processed: true } },
    })
    network.phone(callee)
    const create = impatient(network).calls.create({ to: callee, from, twiml: `<Response><Pause/></Response>` })
    await expect(create).rejects.toMatchObject({ code: 'ECONNABORTED' })
    await clock.advance(2000)
    expect(bridge.streams).toHaveLength(0)
    expect(network.calls).toMatchObject([{ status: 'in-progress' }])
  })

  test('an answer may come late, on the clock', async () => {
    const { clock, dial, network } = await setScene({ behaviour: { rest: { kind: 'late', delayMs: 7000 } } })
    const beganMs = clock.now()
    await dial({ twiml: pause })
    expect(clock.now() - beganMs).toBeGreaterThanOrEqual(7000)
    expect(network.calls).toHaveLength(1)
  })

  test('a connection may be reset, with the call dialled or not', async () => {
    const { client, clock, from, network } = await setScene()
    for (const processed of [true, false]) {
      network.behaviour.rest = { kind: 'reset', processed }
      const error = await clock.runUntil(refusal(client.calls.create({ to: callee, from, twiml: pause })))
      expect(error.code).toBe('ECONNRESET')
    }
    expect(network.calls).toHaveLength(1)
  })

  test.each([
    ['json', 20_500],
    ['html', undefined],
  ] as const)('a 503 with a %s body reaches the client as an error of that status', async (body, code) => {
    const rest = { kind: 'status', status: 503, body, processed: false } as const
    const { client, clock, from } = await setScene({ behaviour: { rest } })
    const error = await clock.runUntil(refusal(client.calls.create({ to: callee, from, twiml: pause })))
    expect(error).toMatchObject({ status: 503 })
    expect(error.code).toBe(code)
  })

  test('a 500 may have an empty body, which the client does not survive gracefully', async () => {
    const rest = { kind: 'status', status: 500, body: 'empty', processed: false } as const
    const { client, clock, from } = await setScene({ behaviour: { rest } })
    const error = await clock.runUntil(refusal(client.calls.create({ to: callee, from, twiml: pause })))
    expect(error).toBeInstanceOf(Error)
  })

  test('429 comes with 20429, for chosen requests only', async () => {
    const { client, clock, dial, network } = await setScene()
    network.behaviour.rest = ({ method }) =>
      method === 'GET'
        ? { kind: 'status', status: 429, body: 'json', code: 20_429, processed: false }
        : { kind: 'normal' }
    await dial({ twiml: pause })
    expect(await clock.runUntil(refusal(client.calls.list()))).toMatchObject({ code: 20429, status: 429 })
  })
})
