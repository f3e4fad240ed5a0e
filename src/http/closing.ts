import type { FastifyInstance } from 'fastify'
import type { Clock } from '../ops/clock.ts'

/** How long peers have to finish what they are at: a webhook on its way, the answer to a close frame. */
const finishWithinMs = 500

/** Closes the server. Peers that do not let go (half a request, a websocket that answers no close) are cut off. */
export async function closeServer(server: FastifyInstance, clock: Clock): Promise<void> {
  const timer = clock.after(finishWithinMs, () => {
    server.server.closeAllConnections()
    for (const socket of server.websocketServer.clients) socket.terminate()
  })
  await server.close()
  timer.cancel()
}
