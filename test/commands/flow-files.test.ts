import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkout, type Emulators, freePort, run, start, startEmulators } from '../command.ts'
import { rememberSpoken } from '../world.ts'

let emulators: Emulators
beforeAll(async () => {
  emulators = await startEmulators()
})
afterAll(async () => {
  await emulators.close()
  for (const folder of folders) rmSync(folder, { recursive: true })
})

const folders: string[] = []

/** A folder where the commands run, with a flow in it. */
function folderWith(text: string): string {
  const folder = checkout()
  folders.push(folder)
  writeFileSync(join(folder, 'my-flow.ts'), text)
  return folder
}

const says = (text: string) => {
  rememberSpoken(text)
  return `import type { Flow } from './src/flows/flow.ts'

export default (async (call) => {
  const { name } = call.parameters
  await call.say(\`${text}\${name === undefined ? '' : \` It is for \${name}.\`}\`)
}) satisfies Flow
`
}
const spoken = (words: string) => emulators.async.spoken.filter(({ transcript }) => transcript.includes(words)).length

describe.concurrent('a flow file', () => {
  const faults: [string, string, RegExp][] = [
    ['is no TypeScript', 'export default async (call) => {\n  await call.say("x"\n}', /\/my-flow\.ts:3: Expected ','/],
    ['needs more than types removed', '\nenum Day { Monday }\nexport default Day', /\/my-flow\.ts:2: .*enum/],
    ['throws when it is loaded', 'export default 1\n\nthrow new Error("no number")', /\/my-flow\.ts:3: no number/],
    ['imports what there is not', 'import x from "./y.ts"\nexport default x', /Cannot find module .*y\.ts/],
    [
      'has no default export',
      'export const flow = async () => {}',
      /\.\/my-flow\.ts: expected its default export.*nothing/,
    ],
    ['exports something else', 'export default 7', /\.\/my-flow\.ts: expected its default export.*type number/],
  ]
  test.each(faults)('that %s is told with its place, and nobody is called', async (_what, text, told) => {
    const { code, stdout, stderr } = await start(
      ['node', 'scripts/demo.ts', '--flow', './my-flow.ts'],
      {},
      '',
      folderWith(text),
    ).finished
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(told)
    expect(stderr).toContain('[flow.unusable]')
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  test('that is not there is told', async () => {
    const { code, stderr } = await run(['node', 'scripts/demo.ts', '--flow', './none.ts'])
    expect([code, stderr]).toEqual([2, './none.ts: expected the file of a flow; there is none. [flow.unusable]\n'])
  })

  test('is played by the demo, whose callee presses the keys given', async () => {
    const flow = `export default async (call) => {
  const { digits } = await call.gather({ say: 'Press.' })
  await call.say(digits === '7' ? 'Seven.' : 'Nothing.')
  await call.hangup()
}`
    const words = ['node', 'scripts/demo.ts', '--flow', './my-flow.ts', '--keys', '7']
    const { code, stdout } = await start(words, {}, '', folderWith(flow)).finished
    expect(stdout).toMatch(/key +7/)
    expect(code).toBe(0)
  })

  test('conducts what is dialled, with the parameters given; so does a flow that ships', async () => {
    const settings = await emulators.settings()
    emulators.network.phone('+15551230001', { answer: { afterMs: 100 } })
    const own = ['node', 'scripts/dial.ts', '+15551230001', '--flow', './my-flow.ts', '--parameter', 'name=Ada']
    const { code } = await start(own, settings, '', folderWith(says('The goods are here.'))).finished
    expect(code).toBe(0)
    expect([spoken('The goods are here.'), spoken('It is for Ada.')]).toEqual([1, 1])

    const { code: other } = await run(['node', 'scripts/dial.ts', '--flow', 'notify', '+15551230001', 'Goods gone.'], {
      ...(await emulators.settings()),
    })
    rememberSpoken('Goods gone.')
    expect([other, spoken('Goods gone.')]).toEqual([0, 1])
    const unknown = await run(['node', 'scripts/dial.ts', '+15551230001', '--flow', 'notfy'], settings)
    expect(unknown.code).toBe(2)
    expect(unknown.stderr).toMatch(/name of a flow \(notify, .*\[flow\.unknown\]/)
  })

  test('is served to callers, and read again when it is saved; a faulty one leaves the former', async () => {
    const folder = folderWith(says('This is the first form.'))
    const port = await freePort()
    const running = start(
      ['node', 'src/main.ts', '--flow', './my-flow.ts'],
      { ...(await emulators.settings(port)), SPEECH_CACHE: 'off' },
      '',
      folder,
    )
    await running.printed('Callers get the flow my-flow')
    await running.printed('The API answers')
    const calls = async () => {
      const from = '+15551230002'
      await emulators.network.dialIn({ from, voiceUrl: `http://127.0.0.1:${port}/twilio/voice` }).ended
    }
    await calls()
    expect(spoken('This is the first form.')).toBe(1)
    writeFileSync(join(folder, 'my-flow.ts'), `${says('This is the second form.')}\n`)
    await running.printed('The flow is reloaded.')
    await calls()
    expect([spoken('This is the first form.'), spoken('This is the second form.')]).toEqual([1, 1])
    writeFileSync(join(folder, 'my-flow.ts'), 'export default async (call) => {')
    await running.printed('The flow is not reloaded; the former one goes on.')
    await calls()
    expect(spoken('This is the second form.')).toBe(2)
    running.signal('SIGTERM')
    const { code, stdout } = await running.finished
    expect(stdout).toContain('/my-flow.ts:1: ')
    expect(code).toBe(0)
  })

  test('an unknown flow is no flow to serve', async () => {
    const settings = await emulators.settings()
    for (const [words, told] of [
      [['--flow', 'meny'], /^Expected the name of a flow \(notify, .*"meny" came/],
      [['FLOWS=+15551230001=menu,*=meny'], /FLOWS: expected names of flows \(notify, .*"meny" is none/],
    ] as const) {
      const { code, stderr } = await run(['node', 'src/main.ts', ...words], settings)
      expect(code).toBe(2)
      expect(stderr).toMatch(told)
    }
    const { stderr } = await run(['node', 'src/main.ts', '--flow'], settings)
    expect(stderr).toContain('Expected --flow once')
  })
})
