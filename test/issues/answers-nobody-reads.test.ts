import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startWorld } from '../world.ts'

test('a connection that asks and never reads the answers is cut off once nothing moves on it', async () => {
  await using world = await startWorld({ real: true })
  const { server } = world.app.server
  expect(server.timeout).toBe(60_000)
  server.timeout = 300
  // A request that is not complete is cut off too; these are.
  server.requestTimeout = 0
  server.headersTimeout = 0
  const { port, hostname, host } = new URL(world.publicUrl)
  const socket = connect(Number(port), hostname).on('error', () => {})
  socket.pause()
  const connections = () => new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)))
  // More answers than the operating systems' buffers hold: the server stops reading until some are taken.
  socket.write(`GET /docs/static/swagger-ui-bundle.js HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(20))
  for (let waited = 0; waited < 40 && (await connections()) === 0; waited++) await sleep(5)
  expect(await connections()).toBe(1)
  for (let waited = 0; waited < 200 && (await connections()) > 0; waited++) await sleep(50)
  expect(await connections()).toBe(0)
  socket.destroy()
})
