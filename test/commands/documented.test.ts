import { globSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Emulators, start, startEmulators } from '../command.ts'

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

let emulators: Emulators

beforeAll(async () => {
  emulators = await startEmulators()
})
afterAll(async () => {
  await emulators.close()
})

test.concurrent.each(commands)('%s', { timeout: 60_000 }, async (command) => {
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
})
