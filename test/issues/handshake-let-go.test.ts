import type { IncomingMessage } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { startWorld } from '../world.ts'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

test('a media socket that is open holds nothing of its handshake', async () => {
  await using world = await startWorld()
  const handshakes: WeakRef<IncomingMessage>[] = []
  world.app.server.server.on('upgrade', (request) => handshakes.push(new WeakRef(request)))
  world.network.phone('+15551230001')
  const call = world.dial('+15551230001', 'Still here.')
  while (!call.streamed) await world.clock.advance(20)
  for (let pass = 0; pass < 20 && handshakes[0]?.deref(); pass++) {
    await turn()
    collect()
  }
  expect(handshakes.map((handshake) => handshake.deref())).toEqual([undefined])
  expect((await world.until(call.outcome)).reason).toBe('completed')
})
