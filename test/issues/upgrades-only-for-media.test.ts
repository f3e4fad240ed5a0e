import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startWorld } from '../world.ts'

test('no path but the media stream takes a websocket, signed or not', async () => {
  await using world = await startWorld({ real: true })
  for (const path of ['/healthz?key=value', '/nowhere', '/twilio/voice']) {
    const socket = new WebSocket(world.publicUrl.replace('http', 'ws') + path)
    socket.on('error', () => {})
    const status = await new Promise((resolve) => {
      socket.once('open', () => resolve('open'))
      socket.once('unexpected-response', (_request, response) => resolve(response.statusCode))
    })
    expect(status).toBe(404)
    socket.terminate()
  }
})
