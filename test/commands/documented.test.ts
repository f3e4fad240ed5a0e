import { globSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startControl } from '../../src/simulator/control/control.ts'
import { type Emulators, start, startEmulators } from '../command.ts'

/** Every line of a shell block in the documentation, as it stands there. */
const lines = ['README.md', ...globSync('docs/**/*.md')].flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].flatMap((block) =>
    (block[1] ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#')),
  ),
)
/** This run itself is `npm ci && npm test`. */
const commands = [...new Set(lines.map((line) => line.replace(/^npm ci && /, '')))].filter(
  (line) => line !== 'npm test' && !line.startsWith('curl '),
)

let emulators: Emulators

beforeAll(async () => {
  emulators = await startEmulators()
})
afterAll(async () => {
  await emulators.close()
})

test.concurrent.each(commands)('%s', { timeout: 60_000 }, async (command) => {
  emulators.network.phone('+15551234567', { answer: { afterMs: 100 } })
  const isSimulator = command.startsWith('npm run simulator')
  // The ports it takes by itself may be in use on this machine.
  const ports = isSimulator ? ' --twilio-port 0 --async-port 0 --control-port 0' : ''
  const running = start(['sh', '-c', `exec ${command}${ports}`], await emulators.settings())
  const server = /^npm (start|run (dev|simulator))/.test(command)
  if (server) {
    await running.printed(isSimulator ? '# control' : 'callbridge listens')
    running.signal('SIGTERM')
    await running.finished
    return
  }
  const { code, stdout, stderr } = await running.finished
  expect(stderr).not.toMatch(/Error|Cannot|not found/)
  expect(stdout.length).toBeGreaterThan(0)
  expect(code).toBe(0)
})

/** A line of curl as the request it makes; of its options only those that the documentation uses. */
function requestOf(line: string): { method: string; url: string; body: string | undefined } {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '').slice(1)
  let method: string | undefined
  let body: string | undefined
  let url = ''
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '-X') method = words.shift()
    else if (word === '-d') body = words.shift()
    else if (word === '-o') words.shift()
    else url = word
  }
  return { method: method ?? (body === undefined ? 'GET' : 'POST'), url, body }
}

test('every line of curl, in its order, against the control port of a simulator that runs alone', async () => {
  const documented = lines.filter((line) => line.startsWith('curl ')).map(requestOf)
  expect(documented.length).toBeGreaterThan(9)
  // Their switches are changed: others use the other ones.
  const own = await startEmulators()
  const control = await startControl(0, own)
  for (const { method, url, body } of documented) {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:4012\//)
    const there = url.replace('http://127.0.0.1:4012', control.url)
    const response = await fetch(there, { method, ...(body === undefined ? {} : { body }) })
    expect([url, response.status, response.ok]).toEqual([url, expect.any(Number), true])
    if (url.endsWith('.wav')) expect(Buffer.from(await response.arrayBuffer()).toString('latin1', 0, 4)).toBe('RIFF')
    else await response.text()
  }
  await control.close()
  await own.close()
  const routes = new Set(documented.map(({ method, url }) => `${method} ${url.replace(/^.*:4012|\+\d+/g, '')}`))
  for (const route of [
    'GET /',
    'PUT /phones/',
    'POST /phones//press',
    'POST /phones//hang-up',
    'GET /phones//recording.wav',
    'POST /dial-in',
    'GET /calls',
    'GET /faults',
    'PATCH /behaviour/network',
    'PATCH /behaviour/async',
  ])
    expect(routes).toContain(route)
})
