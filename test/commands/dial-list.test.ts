import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AlertView } from '../../src/alerts/alert.ts'
import { type Emulators, run, start, startEmulators } from '../command.ts'
import { rememberSpoken } from '../world.ts'

const text = 'The cellar is under water.'
const dial = ['node', 'scripts/dial.ts']
let emulators: Emulators

beforeAll(async () => {
  emulators = await startEmulators()
  rememberSpoken(text)
})
afterAll(async () => {
  await emulators.close()
})

let numbers = 0
const newNumber = () => `+155512347${String(++numbers).padStart(2, '0')}`
const acknowledges = { answer: { afterMs: 100 }, steps: [{ afterAnswerMs: 500, press: '1' }] }
const callsTo = (to: string) => emulators.network.calls.filter((call) => call.to === to).length

describe.concurrent('npm run dial -- --to A --to B --to C', () => {
  test('calls one after another until somebody acknowledges, shows each call, says what became of everybody, and ends with 0', async () => {
    const [busy, second, third] = [newNumber(), newNumber(), newNumber()]
    emulators.network.phone(busy, { answer: 'busy' })
    emulators.network.phone(second, acknowledges)
    const words = [
      'npm',
      'run',
      '--silent',
      'dial',
      '--',
      '--flow',
      'alert',
      '--to',
      busy,
      '--to',
      second,
      '--to',
      third,
      text,
    ]
    const { code, stdout, stderr } = await run(words, await emulators.settings())
    expect(stdout).toContain(`dialling    ${busy}\n`)
    expect(stdout).toContain(`dialling    ${second}\n`)
    expect(stdout).toMatch(
      new RegExp(
        `\nacknowledged by \\${second}\n  \\${busy}  busy\n  \\${second}  acknowledged\n  \\${third}  not called\n$`,
      ),
    )
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(callsTo(third)).toBe(0)
  })

  test('in vain: 1; a number that is not called is told with the reason, and the list goes on', async () => {
    const busy = newNumber()
    emulators.network.phone(busy, { answer: 'busy' })
    const words = [...dial, '--to', '+4930901820', '--to', busy, '--rounds', '2', '--json', text]
    const { code, stdout, stderr } = await run(words, await emulators.settings())
    const view = JSON.parse(stdout) as AlertView
    expect(view).toMatchObject({ state: 'in-vain', acknowledgedBy: null })
    expect(view.people.map(({ tries }) => tries.map(({ became }) => became))).toEqual([['refused'], ['busy', 'busy']])
    expect(stderr).toContain('in vain: nobody acknowledged\n')
    expect(stderr).toContain('[destination.country]\n')
    expect(code).toBe(1)
    expect(callsTo(busy)).toBe(2)
  })

  test('Ctrl-C hangs up and calls nobody else: 130', async () => {
    const [first, second] = [newNumber(), newNumber()]
    emulators.network.phone(first, { answer: { afterMs: 60_000 } })
    const running = start([...dial, '--to', first, '--to', second, text], await emulators.settings())
    await running.printed('ringing')
    running.signal('SIGINT')
    const { code, stdout } = await running.finished
    expect(stdout).toMatch(/\nstopped: nobody acknowledged\n {2}\S+ {2}cancelled\n {2}\S+ {2}not called\n$/)
    expect(code).toBe(130)
    expect(callsTo(second)).toBe(0)
  })

  test('where no number can be called nobody is dialled: 2', async () => {
    const { code, stderr } = await run([...dial, '--to', '+4930901820', text], await emulators.settings())
    expect(stderr).toContain('destination.country')
    expect(code).toBe(2)
  })
})
