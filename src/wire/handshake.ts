import type { IncomingMessage } from 'node:http'

const maxErrorBodyBytes = 8192

/** ECONNREFUSED and its like; nothing else of a socket error is safe to show. */
export function systemCode(error: Error): string | undefined {
  const code = 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : undefined
}

/** Reads what a refused handshake says; `done` is called once. */
export function readBody(response: IncomingMessage, done: (body: string) => void): void {
  let body = ''
  response.setEncoding('utf8')
  response.on('data', (chunk: string) => {
    body += chunk
    if (body.length > maxErrorBodyBytes) response.destroy()
  })
  response.on('error', () => {})
  response.on('close', () => done(body.slice(0, maxErrorBodyBytes)))
}
