import type { IncomingMessage, Server } from 'node:http'

/** Lets a server listen; port 0 takes a free one. Returns its address as a URL. Rejects when the port is taken. */
export function listen(server: Server, port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const address = server.address()
      const bound = typeof address === 'object' && address ? address.port : port
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${bound}`)
    })
  })
}

/** The body of a request as text; undefined when it is longer than `limitBytes`. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<string | undefined> {
  return (await readBytes(request, limitBytes))?.toString()
}

/**
 * The body of a request; undefined when it is longer than `limitBytes`. The rest of a longer one is read up to four
 * times that and thrown away, so that a client that is still sending gets its answer.
 */
export async function readBytes(request: IncomingMessage, limitBytes: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request) {
    if (!Buffer.isBuffer(part)) continue
    bytes += part.length
    if (bytes <= limitBytes) parts.push(part)
    else if (bytes > limitBytes * 4) return undefined
  }
  return bytes > limitBytes ? undefined : Buffer.concat(parts)
}
