import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Emulators, run, start, startEmulators } from '../command.ts'

const to = '+15551234567'
const dial = ['node', 'scripts/dial.ts', to, 'Your order has shipped.']
let emulators: Emulators

beforeAll(async () => {
  emulators = await startEmulators()
})
afterAll(() => emulators.close())

test('a file that cannot be written is told before anybody is dialled', async () => {
  emulators.network.phone(to, { answer: { afterMs: 100 } })
  const { code, stderr } = await run([...dial, '--save', '/nowhere/at/all.wav'], await emulators.settings())
  expect(emulators.network.calls).toHaveLength(0)
  expect(stderr).toContain('--save')
  expect(code).toBe(2)
})

test('a file that cannot be written after the call loses the file only, not the outcome', async () => {
  emulators.network.phone(to, { answer: { afterMs: 1500 } })
  const folder = mkdtempSync(join(tmpdir(), 'callbridge-'))
  const running = start([...dial, '--json', '--save', join(folder, 'out.wav')], await emulators.settings())
  await running.printed('ringing')
  rmSync(folder, { recursive: true })
  const { code, stdout, stderr } = await running.finished
  expect(existsSync(folder)).toBe(false)
  expect(JSON.parse(stdout)).toMatchObject({ to, status: 'heard' })
  expect(stderr).toContain('--save')
  expect(code).toBe(1)
})

test('a reader that goes away does not break off the call', async () => {
  const phone = emulators.network.phone(to, { answer: { afterMs: 500 } })
  const running = start(dial, await emulators.settings())
  await running.printed('dialling')
  running.child.stdout?.destroy()
  const { code, stderr } = await running.finished
  await phone.ended
  expect(stderr).toBe('')
  expect(code).toBe(0)
})

test('a terminal that is closed hangs up, as Ctrl-C does', async () => {
  const phone = emulators.network.phone(to, { answer: { afterMs: 60_000 } })
  const running = start(dial, await emulators.settings())
  await running.printed('ringing')
  running.signal('SIGHUP')
  const { code } = await running.finished
  await phone.ended
  expect(code).toBe(129)
  expect(emulators.network.calls.at(-1)?.status).toBe('canceled')
})
