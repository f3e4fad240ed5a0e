import twilio from 'twilio'
import { describe, expect, test } from 'vitest'
import { type PhoneNetwork, startPhoneNetwork } from '../../src/simulator/phone-network/network.ts'

/** The emulator's reads of account, numbers and permissions, through the official client. */
function clientOf(network: PhoneNetwork, token = network.account.authToken) {
  const client = twilio(network.account.sid, token)
  client.api.baseUrl = network.url
  client.voice.baseUrl = network.url
  return client
}

const account = {
  sid: 'AC0123456789abcdef0123456789abcdef',
  authToken: 'a-token-of-the-tests',
  numbers: ['+15005550006', '+15005550007', '+4930123456'],
}

async function inNetwork(look: (network: PhoneNetwork) => Promise<void>): Promise<void> {
  const network = await startPhoneNetwork({ account })
  try {
    await look(network)
  } finally {
    await network.close()
  }
}

describe('the account of the phone network', () => {
  test('is Full, and Trial when the switch says so', () =>
    inNetwork(async (network) => {
      const client = clientOf(network)
      expect(await client.api.v2010.accounts(account.sid).fetch()).toMatchObject({ type: 'Full', status: 'active' })
      network.behaviour.trial = true
      expect(await client.api.v2010.accounts(account.sid).fetch()).toMatchObject({ type: 'Trial' })
    }))

  test('lists its numbers, whole or by a part with wildcards, in pages', () =>
    inNetwork(async (network) => {
      const { incomingPhoneNumbers } = clientOf(network)
      const numbers = async (filter: { phoneNumber?: string; pageSize?: number }) =>
        (await incomingPhoneNumbers.list(filter)).map((one) => one.phoneNumber)
      expect(await numbers({})).toEqual(account.numbers)
      expect(await numbers({ pageSize: 1 })).toEqual(account.numbers)
      expect(await numbers({ phoneNumber: '+15005550007' })).toEqual(['+15005550007'])
      expect(await numbers({ phoneNumber: '500555****' })).toEqual(['+15005550006', '+15005550007'])
      expect(await numbers({ phoneNumber: '+15005550001' })).toEqual([])
      const [number] = await incomingPhoneNumbers.list()
      expect(number).toMatchObject({ accountSid: account.sid, capabilities: { voice: true }, voiceMethod: 'POST' })
      expect(number?.sid).toMatch(/^PN[0-9a-f]{32}$/)
    }))

  test('lists its verified caller ids, by the whole number', () =>
    inNetwork(async (network) => {
      network.behaviour.verifiedNumbers = ['+15551230001', '+15551230002']
      const { outgoingCallerIds } = clientOf(network)
      expect((await outgoingCallerIds.list()).map((one) => one.phoneNumber)).toHaveLength(2)
      expect((await outgoingCallerIds.list({ phoneNumber: '+15551230002' })).map((one) => one.phoneNumber)).toEqual([
        '+15551230002',
      ])
      expect(await outgoingCallerIds.list({ phoneNumber: '+1555123' })).toEqual([])
    }))

  test('tells which countries may be called, by the same switch that refuses calls', () =>
    inNetwork(async (network) => {
      const { countries } = clientOf(network).voice.v1.dialingPermissions
      expect(await countries('DE').fetch()).toMatchObject({
        isoCode: 'DE',
        countryCodes: ['+49'],
        lowRiskNumbersEnabled: true,
        highRiskTollfraudNumbersEnabled: false,
      })
      network.behaviour.geoPermissions = ['+1', '+4930']
      expect((await countries('US').fetch()).lowRiskNumbersEnabled).toBe(true)
      // A part of a country is not the country.
      expect((await countries('DE').fetch()).lowRiskNumbersEnabled).toBe(false)
      await expect(countries('XX').fetch()).rejects.toMatchObject({ status: 404, code: 20_404 })
    }))

  test('tells strangers nothing', () =>
    inNetwork(async (network) => {
      const client = clientOf(network, 'wrong')
      const refusal = { status: 401, code: 20_003 }
      await expect(client.incomingPhoneNumbers.list()).rejects.toMatchObject(refusal)
      await expect(client.outgoingCallerIds.list()).rejects.toMatchObject(refusal)
      await expect(client.voice.v1.dialingPermissions.countries('US').fetch()).rejects.toMatchObject(refusal)
      expect(
        (await fetch(`${network.url}/2010-04-01/Accounts/AC${'f'.repeat(32)}/OutgoingCallerIds.json`)).status,
      ).toBe(401)
    }))
})
