import twilio from 'twilio'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { secrets, startWorld } from '../world.ts'

test('a stream that was refused for being late is not let in after all', async () => {
  await using world = await startWorld()
  world.network.phone('+15551230001', { answer: { afterMs: 60_000 } })
  const call = world.dial('+15551230001', 'Not for you.')
  while (call.callSid === undefined) await world.clock.advance(20)
  const url = `${world.publicUrl.replace('http', 'ws')}/twilio/media`
  const signature = twilio.getExpectedTwilioSignature(secrets.authToken, url, {})
  const socket = new WebSocket(url, { headers: { 'x-twilio-signature': signature } })
  await new Promise<void>((resolve) => socket.once('open', () => resolve()))
  // Its start is on the way when the five seconds are over and the close frame is sent.
  socket.pause()
  await world.clock.advance(5_000)
  const streamSid = `MZ${'a'.repeat(32)}`
  const { callSid, callId, token } = call
  const customParameters = { callId, token }
  const start = { streamSid, accountSid: secrets.accountSid, callSid, customParameters }
  socket.send(JSON.stringify({ event: 'start', sequenceNumber: '1', streamSid, start }))
  await world.clock.advance(500)
  expect(call.streamed).toBe(false)
  expect(call.signal.aborted).toBe(false)
  socket.terminate()
  call.end('cancelled')
  await world.until(call.outcome)
})
