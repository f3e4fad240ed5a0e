import { once } from 'node:events'
import { createServer } from 'node:net'

/** So many ports that nobody listens on, no two the same: all are held before the first is let go. */
export async function freePorts(count: number): Promise<number[]> {
  const probes = await Promise.all(
    Array.from({ length: count }, async () => {
      const probe = createServer().listen(0, '127.0.0.1')
      await once(probe, 'listening')
      return probe
    }),
  )
  return await Promise.all(
    probes.map(async (probe) => {
      const address = probe.address()
      await new Promise((resolve) => probe.close(resolve))
      return address !== null && typeof address === 'object' ? address.port : 0
    }),
  )
}
