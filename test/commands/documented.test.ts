import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mulawWav } from '../../src/audio/wav.ts'
import { startControl } from '../../src/simulator/control/control.ts'
import { checkout, type Emulators, freePort, run, type Running, start, startEmulators } from '../command.ts'

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
/** Where a simulator that runs alone is told what to do. */
const controlUrl = 'http://127.0.0.1:4012'

let emulators: Emulators
/** One for each command. */
const folders: string[] = []

beforeAll(async () => {
  emulators = await startEmulators()
})
afterAll(async () => {
  await emulators.close()
  for (const folder of folders) rmSync(folder, { recursive: true })
})

const controlCommands = commands.filter((line) => line.includes(controlUrl))
const apiCommands = commands.filter((line) => line.includes(apiUrl) && !controlCommands.includes(line))
const otherCommands = commands.filter((line) => !apiCommands.includes(line) && !controlCommands.includes(line))
/** A line of curl, sent somewhere else and quiet unless it is refused. */
const curl = (line: string, from: string, to: string) =>
  ['sh', '-c', `exec ${line.replaceAll(from, to).replace(/^curl/, 'curl -sS --fail-with-body')}`] as const

describe('with a server', () => {
  let server: Running
  let port: number
  let callId: string
  let alertId: string
  beforeAll(async () => {
    port = await freePort()
    server = start(['node', 'src/main.ts'], { ...(await emulators.settings(port)), DRAIN_TIMEOUT_MS: '0' })
    await server.printed('callbridge listens')
    emulators.network.phone('+15551239999', { answer: { afterMs: 30_000 } })
    const post = async (path: string, body: unknown) => {
      const headers = { 'content-type': 'application/json' }
      const url = `http://127.0.0.1:${port}${path}`
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
      return (await response.json()) as { callId: string; alertId: string }
    }
    callId = (await post('/calls', { to: '+15551239999', message: 'Hello.' })).callId
    emulators.network.phone('+15551239998', { answer: 'busy' })
    alertId = (await post('/alerts', { to: ['+15551239998'], message: 'Hello.' })).alertId
  })
  afterAll(async () => {
    server.signal('SIGTERM')
    await server.finished
  })

  test('there are examples', () => expect(apiCommands.length).toBeGreaterThan(4))

  test.each(apiCommands)('%s', async (command) => {
    const running = start(curl(command, apiUrl, `http://127.0.0.1:${port}`), { CALL_ID: callId, ALERT_ID: alertId })
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

describe('with a simulator', () => {
  // Their switches are changed: others use the other ones.
  let own: Emulators
  let control: Awaited<ReturnType<typeof startControl>>
  const folder = checkout()
  beforeAll(async () => {
    own = await startEmulators()
    control = await startControl(0, own)
  })
  afterAll(async () => {
    await control.close()
    await own.close()
    rmSync(folder, { recursive: true })
  })

  test('there is an example of every route', () => {
    const routes = controlCommands.map((line) =>
      line
        .replace(/^.*:4012/, '')
        .replace(/ .*$/, '')
        .replace(/\+\d+/, 'NUMBER'),
    )
    expect([...new Set(routes)].toSorted()).toEqual([
      '/',
      '/behaviour/async',
      '/behaviour/deepgram',
      '/behaviour/network',
      '/calls',
      '/dial-in',
      '/faults',
      '/phones/NUMBER',
      '/phones/NUMBER/hang-up',
      '/phones/NUMBER/hear',
      '/phones/NUMBER/press',
      '/phones/NUMBER/recording.wav',
    ])
  })

  test.each(controlCommands)('%s', async (command) => {
    const { code, stdout, stderr } = await run(curl(command, controlUrl, control.url), {}, '', folder)
    expect([code, stderr]).toEqual([0, ''])
    if (command.includes('.wav')) expect(readFileSync(`${folder}/heard.wav`, 'latin1').slice(0, 4)).toBe('RIFF')
    else if (!/press|hang-up/.test(command)) expect(stdout).toMatch(/^[{[]/)
  })
})

test.concurrent.each(otherCommands)('%s', { timeout: 60_000 }, async (command) => {
  emulators.network.phone('+15551234567', { answer: { afterMs: 100 } })
  // Those of a list: nobody need be waited for who does not acknowledge.
  emulators.network.phone('+15557654321', { answer: 'busy' })
  const steps = [{ afterAnswerMs: 500, press: '1' }]
  emulators.network.phone('+15557654322', { answer: { afterMs: 100 }, steps })
  const isSimulator = command.startsWith('npm run simulator')
  // The ports it takes by itself may be in use on this machine.
  const ports = isSimulator ? ' --twilio-port 0 --async-port 0 --deepgram-port 0 --control-port 0' : ''
  const folder = checkout()
  folders.push(folder)
  // What a reader would have recorded.
  writeFileSync(`${folder}/recording.wav`, mulawWav(new Uint8Array(40_000).fill(0x20)))
  writeFileSync(`${folder}/my-flow.ts`, "export default async (call) => void (await call.say('Hello.'))\n")
  const running = start(['sh', '-c', `exec ${command}${ports}`], await emulators.settings(), '', folder)
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
