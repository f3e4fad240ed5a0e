import { globSync, readFileSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AsyncService, startAsyncService } from '../../src/simulator/async/service.ts'
import { type PhoneNetwork, startPhoneNetwork } from '../../src/simulator/phone-network/network.ts'
import { emulatorSettings, freePort, start } from '../command.ts'
import { secrets } from '../world.ts'

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

let network: PhoneNetwork
let async: AsyncService

beforeAll(async () => {
  const account = { sid: secrets.accountSid, authToken: secrets.authToken, numbers: [secrets.from] }
  network = await startPhoneNetwork({ account })
  async = await startAsyncService({ apiKey: secrets.asyncKey })
})
afterAll(async () => {
  await async.close()
  await network.close()
  for (const file of ['demo.wav', 'other.wav', 'out.wav']) rmSync(file, { force: true })
})

test.each(commands)('%s', { timeout: 60_000 }, async (command) => {
  network.phone('+15551234567', { answer: { afterMs: 100 } })
  const port = await freePort()
  const running = start(['sh', '-c', `exec ${command}`], emulatorSettings({ network, async }, port))
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
})
