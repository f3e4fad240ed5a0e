import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkout, run } from '../command.ts'

/** A project as a developer has it, with a filled-in `.env` and a recording worth keeping. */
function developersProject(): string {
  const root = mkdtempSync(join(tmpdir(), 'callbridge-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const folder of ['node_modules', 'scripts', 'src', 'test']) mkdirSync(join(root, folder))
  const look = 'node -p "JSON.stringify(require(\'fs\').readdirSync(process.cwd()))"'
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'x', scripts: { look } }))
  for (const file of ['.npmrc', '.env', 'demo.wav']) writeFileSync(join(root, file), '')
  return root
}

test.each([[['npm', 'run', '--silent', 'look']], [['node', '-p', 'JSON.stringify(fs.readdirSync(process.cwd()))']]])(
  'a command under test neither finds the developer’s .env nor can overwrite a recording: %j',
  async (words) => {
    const folder = checkout(developersProject())
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const { stdout } = await run(words, {}, '', folder)
    const seen = JSON.parse(stdout) as string[]
    expect(seen.toSorted()).toEqual(['.npmrc', 'node_modules', 'package.json', 'scripts', 'src', 'test'])
    expect(seen.toSorted()).toEqual(readdirSync(folder).toSorted())
  },
)

test('a command under test runs in a folder of its own, which is gone afterwards', async () => {
  const { stdout } = await run(['node', '-p', 'process.cwd()'])
  expect(stdout.trim()).not.toBe(process.cwd())
  expect(existsSync(stdout.trim())).toBe(false)
})
