import twilio from 'twilio'
import { onTestFinished, expect, test } from 'vitest'
import { startPhoneNetwork } from '../../../../src/simulator/phone-network/network.ts'

const numbers = ['+15005550006', '+15005550007']

async function scene() {
  const account = { sid: `AC${'1'.repeat(32)}`, authToken: 'token', numbers }
  const network = await startPhoneNetwork({ account, behaviour: { sayMsPerCharacter: 0 } })
  onTestFinished(() => network.close())
  const client = twilio(account.sid, account.authToken)
  client.api.baseUrl = network.url
  return { network, client }
}

test('the official client finds a number and sets its voice URL, and callers are led there', async () => {
  const { network, client } = await scene()
  const found = await client.incomingPhoneNumbers.list({ phoneNumber: '+15005550007' })
  expect(found.map((one) => [one.phoneNumber, one.voiceUrl])).toEqual([['+15005550007', '']])
  const sid = found[0]?.sid ?? ''
  expect(sid).toMatch(/^PN[0-9a-f]{32}$/)
  const updated = await client.incomingPhoneNumbers(sid).update({ voiceUrl: 'http://127.0.0.1:1/voice' })
  expect(updated.voiceUrl).toBe('http://127.0.0.1:1/voice')
  expect(updated.voiceMethod).toBe('POST')
  expect((await client.incomingPhoneNumbers(sid).fetch()).dateUpdated).toBeInstanceOf(Date)
  expect(network.numbers.map((one) => one.voiceUrl)).toEqual(['', 'http://127.0.0.1:1/voice'])
  const phone = network.dialIn({ from: '+15551239999', to: '+15005550007' })
  await phone.ended
  expect(network.calls[0]?.requests[0]?.url).toContain('http://127.0.0.1:1/voice')
})

test('parts of a number find it, another account’s and unknown ones are refused, and so is what is no URL', async () => {
  const { network, client } = await scene()
  expect(await client.incomingPhoneNumbers.list()).toHaveLength(2)
  expect(await client.incomingPhoneNumbers.list({ phoneNumber: '555000*' })).toHaveLength(2)
  expect(await client.incomingPhoneNumbers.list({ phoneNumber: '+15550000000' })).toEqual([])
  const sid = network.numbers[0]?.sid ?? ''
  await expect(client.incomingPhoneNumbers(sid).update({ voiceUrl: 'nowhere' })).rejects.toMatchObject({ code: 21_402 })
  await expect(client.incomingPhoneNumbers(`PN${'0'.repeat(32)}`).fetch()).rejects.toMatchObject({ code: 20_404 })
  const stranger = twilio(`AC${'1'.repeat(32)}`, 'wrong')
  stranger.api.baseUrl = network.url
  await expect(stranger.incomingPhoneNumbers.list()).rejects.toMatchObject({ code: 20_003 })
  expect(() => network.dialIn({ from: '+15551239999' })).toThrow('voiceUrl')
})
