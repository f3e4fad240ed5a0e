import { globSync, readFileSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Emulators, freePort, type Running, start, startEmulators } from '../command.ts'

/** Every line of a shell block in the documentation, as it stands there. */
const lines = ['README.md', ...globSync('docs/**/*.md')].flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].flatMap((block) =>
    (block[1] ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#')),
  ),
)
/** This run itself is `npm ci && npm test`. */
const commands = [...new Set(lines.map((line) => line.replace(/^npm ci && /, '')))].filter(
  (line) => line !== 'npm test',
)

/** Where the examples of the HTTP API find the server. */
const apiUrl = 'http://127.0.0.1:3000'

let emulators: Emulators

beforeAll(async () => {
  emulators = await startEmulators()
})
afterAll(async () => {
  await emulators.close()
  for (const file of ['demo.wav', 'other.wav', 'out.wav']) rmSync(file, { force: true })
})

const apiCommands = commands.filter((line) => line.includes(apiUrl))

describe('with a server', () => {
  let server: Running
  let port: number
  let callId: string
  beforeAll(async () => {
    port = await freePort()
    server = start(['node', 'src/main.ts'], await emulators.settings(port))
    await server.printed('callbridge listens')
    emulators.network.phone('+15551239999', { answer: { afterMs: 30_000 } })
    const body = JSON.stringify({ to: '+15551239999', message: 'Hello.' })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`http://127.0.0.1:${port}/calls`, { method: 'POST', headers, body })
    callId = ((await response.json()) as { callId: string }).callId
  })
  afterAll(async () => {
    server.signal('SIGTERM')
    await server.finished
  })

  test('there are examples', () => expect(apiCommands.length).toBeGreaterThan(4))

  test.each(apiCommands)('%s', async (command) => {
    const here = command.replaceAll(apiUrl, `http://127.0.0.1:${port}`)
    const running = start(['sh', '-c', `exec ${here.replace(/^curl/, 'curl -sS --fail-with-body')}`], {
      CALL_ID: callId,
    })
    if (command.includes('/events')) {
      // Goes on until the call is over.
      await running.printed('event: ringing')
      running.signal('SIGTERM')
      await running.finished
      return
    }
    const { code, stdout, stderr } = await running.finished
    expect(stdout).toContain('{')
    expect([code, stderr]).toEqual([0, ''])
  })
})

test.concurrent.each(commands.filter((line) => !apiCommands.includes(line)))(
  '%s',
  { timeout: 60_000 },
  async (command) => {
    emulators.network.phone('+15551234567', { answer: { afterMs: 100 } })
    const running = start(['sh', '-c', `exec ${command}`], await emulators.settings())
    const server = /^npm (start|run (dev|simulator))/.test(command)
    if (server) {
      await running.printed(command.includes('simulator') ? '# control' : 'callbridge listens')
      running.signal('SIGTERM')
      await running.finished
      return
    }
    const { code, stdout, stderr } = await running.finished
    expect(stderr).not.toMatch(/Error|Cannot|not found/)
    expect(stdout.length).toBeGreaterThan(0)
    expect(code).toBe(0)
  },
)
