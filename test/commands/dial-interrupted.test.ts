import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Emulators, start, startEmulators } from '../command.ts'

const text = 'Your order has shipped.'
const dial = ['node', 'scripts/dial.ts']
let emulators: Emulators

beforeAll(async () => {
  emulators = await startEmulators()
})
afterAll(async () => {
  await emulators.close()
})

let numbers = 0
const newNumber = () => `+155512346${String(++numbers).padStart(2, '0')}`
const callTo = (to: string) => emulators.network.calls.find((call) => call.to === to)

describe.concurrent('a dialler that is interrupted', () => {
  const signals = [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const
  test.each(signals)('%s: hangs up first, then exits with %i', async (signal, exitCode) => {
    const to = newNumber()
    emulators.network.phone(to, { answer: { afterMs: 60_000 } })
    const running = start([...dial, to, text], await emulators.settings())
    await running.printed('ringing')
    running.signal(signal)
    const { code, stdout, stderr } = await running.finished
    expect(stdout).toMatch(/hung up {5}cancelled\ncanceled\n$/)
    expect(stderr).toBe('Hanging up. Once more to leave at once.\n')
    expect(callTo(to)?.status).toBe('canceled')
    // Twilio's last callback is answered: it finds no closed door.
    const { sid } = callTo(to) ?? {}
    expect(emulators.network.faults.filter(({ callSid }) => callSid === sid)).toEqual([])
    expect(code).toBe(exitCode)
  })

  test('npm is ended and tells its child nothing: the child notices, and hangs up', async () => {
    const to = newNumber()
    emulators.network.phone(to, { answer: { afterMs: 60_000 } })
    const running = start(['npm', 'run', '--silent', 'dial', '--', to, text], await emulators.settings())
    await running.printed('ringing')
    running.child.kill('SIGTERM')
    await once(running.child, 'exit')
    expect(callTo(to)?.status).toBe('ringing')
    // Resolves when everybody who writes to the streams of npm is gone.
    const { stdout } = await running.finished
    expect(stdout).toMatch(/canceled\n$/)
    expect(callTo(to)?.status).toBe('canceled')
  })

  test('the shell of npm and the dialler are signalled together: that is one signal, not two', async () => {
    const to = newNumber()
    emulators.network.phone(to, { answer: { afterMs: 60_000 } })
    const running = start(['npm', 'run', '--silent', 'dial', '--', to, text], await emulators.settings())
    await running.printed('ringing')
    running.signal('SIGTERM')
    const { stdout } = await running.finished
    expect(stdout).toMatch(/canceled\n$/)
    expect(callTo(to)?.status).toBe('canceled')
  })
})

test('a second Ctrl-C leaves at once, whatever Twilio does', async () => {
  const mute = await startEmulators()
  const to = newNumber()
  mute.network.phone(to, { answer: { afterMs: 60_000 } })
  const running = start([...dial, to, text], await mute.settings())
  await running.printed('ringing')
  mute.network.behaviour.rest = { kind: 'no-answer', processed: false }
  running.signal('SIGINT')
  await running.printed('Once more to leave at once')
  running.signal('SIGINT')
  const { code, stdout } = await running.finished
  expect(stdout).not.toContain('canceled')
  expect(mute.network.calls[0]?.status).toBe('ringing')
  expect(code).toBe(130)
  await mute.close()
})
