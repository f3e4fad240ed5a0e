import twilio from 'twilio'
import { expect, test } from 'vitest'
import { secrets, startWorld } from '../world.ts'

// A number whose "call status changes" leads to the voice webhook too: easily done in the Console.
test('a voice webhook that tells of a call that is over begins none', async () => {
  await using world = await startWorld()
  const url = `${world.publicUrl}/twilio/voice`
  const fields = {
    CallSid: `CA${'1'.repeat(32)}`,
    AccountSid: secrets.accountSid,
    CallStatus: 'completed',
    Direction: 'inbound',
    From: '+15551230001',
    To: secrets.from,
  }
  const signature = twilio.getExpectedTwilioSignature(secrets.authToken, url, fields)
  const headers = { 'x-twilio-signature': signature }
  const answer = await fetch(url, { method: 'POST', headers, body: new URLSearchParams(fields) })
  expect(await answer.text()).toContain('<Hangup/>')
  expect(world.app.calls()).toEqual([])
})
