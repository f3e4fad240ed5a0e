import { connect, type Socket } from 'node:net'
import twilio from 'twilio'
import { expect, test } from 'vitest'
import { secrets, startWorld, type World } from '../world.ts'

/** A peer that says `text` and then does nothing more, however it is asked. */
async function silentPeer(world: World, text: string): Promise<Socket> {
  const { hostname, port } = new URL(world.publicUrl)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
  socket.write(text)
  return socket
}

function upgrade(world: World): string {
  const { host } = new URL(world.publicUrl)
  const signature = twilio.getExpectedTwilioSignature(secrets.authToken, `ws://${host}/twilio/media`, {})
  const websocket = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: '
  const head = `GET /twilio/media HTTP/1.1\r\nHost: ${host}\r\nX-Twilio-Signature: ${signature}\r\n`
  return `${head}${websocket}dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`
}

test('the server closes within a second, whatever its peers leave unfinished', async () => {
  await using world = await startWorld()
  const post = 'POST /twilio/status HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n'
  const peers = [
    await silentPeer(world, 'GET /healthz HTTP/1.1\r\nHost: x\r\n'),
    await silentPeer(world, `${post}Content-Length: 100\r\n\r\nCallSid=`),
    await silentPeer(world, upgrade(world)),
  ]
  const answer = await new Promise<string>((resolve) => peers[2]?.once('data', (data) => resolve(String(data))))
  expect(answer).toMatch(/^HTTP\/1.1 101/)
  const closedAt = world.clock.now()
  await world.until(world.app.close())
  expect(world.clock.now() - closedAt).toBeLessThanOrEqual(1000)
  for (const peer of peers) peer.destroy()
})
