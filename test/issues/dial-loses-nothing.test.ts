import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AsyncService, startAsyncService } from '../../src/simulator/async/service.ts'
import { type PhoneNetwork, startPhoneNetwork } from '../../src/simulator/phone-network/network.ts'
import { emulatorSettings, freePort, run, start } from '../command.ts'
import { secrets } from '../world.ts'

const to = '+15551234567'
const dial = ['node', 'scripts/dial.ts', to, 'Your order has shipped.']
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
})

const settings = async () => emulatorSettings({ network, async }, await freePort())

test('a file that cannot be written is told before anybody is dialled', async () => {
  network.phone(to, { answer: { afterMs: 100 } })
  const { code, stderr } = await run([...dial, '--save', '/nowhere/at/all.wav'], await settings())
  expect(network.calls).toHaveLength(0)
  expect(stderr).toContain('--save')
  expect(code).toBe(2)
})

test('a file that cannot be written after the call loses the file only, not the outcome', async () => {
  network.phone(to, { answer: { afterMs: 1500 } })
  const folder = mkdtempSync(join(tmpdir(), 'callbridge-'))
  const running = start([...dial, '--json', '--save', join(folder, 'out.wav')], await settings())
  await running.printed('ringing')
  rmSync(folder, { recursive: true })
  const { code, stdout, stderr } = await running.finished
  expect(existsSync(folder)).toBe(false)
  expect(JSON.parse(stdout)).toMatchObject({ to, status: 'heard' })
  expect(stderr).toContain('--save')
  expect(code).toBe(1)
})

test('a reader that goes away does not break off the call', async () => {
  const phone = network.phone(to, { answer: { afterMs: 500 } })
  const running = start(dial, await settings())
  await running.printed('dialling')
  running.child.stdout?.destroy()
  const { code, stderr } = await running.finished
  await phone.ended
  expect(stderr).toBe('')
  expect(code).toBe(0)
})

test('a terminal that is closed hangs up, as Ctrl-C does', async () => {
  const phone = network.phone(to, { answer: { afterMs: 60_000 } })
  const running = start(dial, await settings())
  await running.printed('ringing')
  running.signal('SIGHUP')
  const { code } = await running.finished
  await phone.ended
  expect(code).toBe(129)
  expect(network.calls.at(-1)?.status).toBe('canceled')
})
