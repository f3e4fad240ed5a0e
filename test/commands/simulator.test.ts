import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkout, freePort, run, start } from '../command.ts'

const anyPorts = ['--twilio-port', '0', '--async-port', '0', '--deepgram-port', '0', '--control-port', '0']
const simulator = ['node', 'scripts/simulator.ts', ...anyPorts]

/** What it prints: settings, and where its control port is. */
async function settingsOf(running: ReturnType<typeof start>): Promise<string> {
  let printed = ''
  running.child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  await running.printed('# control')
  return printed
}

test('npm run simulator on a port in use: says which, what to do, and leaves nothing running', async () => {
  const blocker = createServer()
  const port = await freePort()
  await new Promise<void>((resolve) => blocker.listen(port, '127.0.0.1', resolve))
  const ports = ['--twilio-port', '0', '--async-port', '0', '--deepgram-port', '0', '--control-port', String(port)]
  const { code, stdout, stderr } = await run(['node', 'scripts/simulator.ts', ...ports])
  expect(stderr).toMatch(
    new RegExp(`^Another program listens on port ${port}\\..*--control-port.*\\[server.port-in-use\\]\\n$`),
  )
  expect(stdout).toBe('')
  expect(code).toBe(2)
  await new Promise((resolve) => blocker.close(resolve))
})

test('npm run simulator prints settings that are a whole .env for dial, and the same at every start', async () => {
  const running = start([...simulator, '--phone', '+15551234567'])
  onTestFinished(() => void running.child.kill('SIGTERM'))
  const printed = await settingsOf(running)
  await running.printed('# ready; Ctrl-C ends it\n')
  await running.printed('# phones: +15551234567; all others ring and are not answered')
  // Port 3000 may be taken on this machine; that it is the one that callbridge takes by itself is compared.
  expect(printed).toContain('PORT=3000\nPUBLIC_URL=http://127.0.0.1:3000\n')
  const folder = checkout()
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, '.env'), printed.replaceAll('3000', String(await freePort())))
  const { code, stdout } = await run(['node', 'scripts/dial.ts', '+15551234567', 'It works.'], {}, '', folder)
  expect(stdout).toContain('heard (completed)')
  expect(code).toBe(0)

  const again = start(simulator)
  onTestFinished(() => void again.child.kill('SIGTERM'))
  const withoutPorts = (text: string) => text.replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
  const settings = (text: string) => withoutPorts(text).replaceAll(/^#.*\n/gm, '')
  expect(settings(await settingsOf(again))).toBe(settings(printed))
})

test('npm run simulator refuses a phone number that is none', async () => {
  const { code, stdout, stderr } = await run([...simulator, '--phone', '12'])
  expect(stderr).toBe('Expected a number after --phone, such as +15551234567; "12" came. [usage.invalid]\n')
  expect([code, stdout]).toEqual([2, ''])
})

test('npm is ended and tells its child nothing: the simulator notices, and ends', async () => {
  const running = start(['npm', 'run', '--silent', 'simulator', '--', ...anyPorts])
  await running.printed('# control')
  running.child.kill('SIGTERM')
  await once(running.child, 'exit')
  const { stdout } = await running.finished
  const url = /control: (\S+)/.exec(stdout)?.[1] ?? ''
  await expect(fetch(url)).rejects.toThrow()
})
