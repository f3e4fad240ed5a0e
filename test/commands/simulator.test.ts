import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { freePort, run } from '../command.ts'

test('npm run simulator on a port in use: says which, what to do, and leaves nothing running', async () => {
  const blocker = createServer()
  const port = await freePort()
  await new Promise<void>((resolve) => blocker.listen(port, '127.0.0.1', resolve))
  const ports = ['--twilio-port', '0', '--async-port', '0', '--control-port', String(port)]
  const { code, stdout, stderr } = await run(['node', 'scripts/simulator.ts', ...ports])
  expect(stderr).toMatch(
    new RegExp(`^Another program listens on port ${port}\\..*--control-port.*\\[server.port-in-use\\]\\n$`),
  )
  expect(stdout).toBe('')
  expect(code).toBe(2)
  await new Promise((resolve) => blocker.close(resolve))
})
