import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { playCallee } from '../../scripts/demo-callee.ts'
import { checkout, run } from '../command.ts'

/** Says what it was told, so that the last words of a call show what arrived. */
const asking = `export default async (call) => {
  const { digits, speech } = await call.gather({ say: 'Which?', digits: 1, speech: ['yes', 'no'], timeoutMs: 9000 })
  const other = await call.gather({ say: 'And?', digits: 1, speech: ['yes', 'no'], timeoutMs: 9000 })
  if (digits !== '7' || other.speech !== 'yes') throw new RangeError(String([digits, speech, other.digits, other.speech]))
}
`

/** Asks until it has got both a key and a word. */
const patient = `export default async (call) => {
  const got = new Set()
  while (got.size < 2) {
    const { digits, speech } = await call.gather({ say: 'And?', digits: 1, choices: ['7'], speech: ['yes'] })
    got.add(digits).add(speech).delete(undefined)
  }
}
`

describe.concurrent('the callee of npm run demo', () => {
  test('presses --keys and says --says, each when it has heard a question', async () => {
    const folder = checkout()
    writeFileSync(join(folder, 'asking.ts'), asking)
    const demo = ['node', 'scripts/demo.ts', '--flow', './asking.ts']
    const { code, stdout } = await run([...demo, '--keys', '7', '--says', 'well yes'], {}, '', folder)
    expect(stdout).toContain('key')
    expect(code).toBe(0)
  })

  // `script` makes the terminal; elsewhere it is called differently.
  test.runIf(process.platform === 'linux')('presses and says what is typed on a terminal', async () => {
    const folder = checkout()
    writeFileSync(join(folder, 'patient.ts'), patient)
    // Somebody types until the call is over: who types too early is not heard, and types again.
    const typing = "for _ in $(seq 30); do printf 7; sleep 1; printf 'yes\\r'; sleep 2; done"
    const demo = 'node scripts/demo.ts --flow ./patient.ts'
    const { code, stdout } = await run(
      ['sh', '-c', `(${typing}) 2>&1 | script -qec "${demo}" /dev/null`],
      {},
      '',
      folder,
    )
    expect(stdout).toContain('completed')
    expect(code).toBe(0)
  })

  test('what is typed is a key at once, and words when Enter ends them', () => {
    const done: string[] = []
    let typed: (data: Buffer) => void = () => {}
    const terminal = {
      isTTY: true,
      setRawMode: () => terminal,
      on: (_event: string, listener: (data: Buffer) => void) => {
        typed = listener
        return terminal
      },
      off: () => terminal,
      resume: () => terminal,
      pause: () => terminal,
    }
    const phone = { press: (key: string) => void done.push(`press ${key}`) }
    const say = (words: string) => void done.push(`say ${words}`)
    const person = playCallee({ watch: () => () => {} }, phone, say, [], terminal as never)
    for (const data of ['1*', '?', 'room 12x\u007f', '\r', '3', '\r', 'ä', ' \r']) typed(Buffer.from(data))
    person.stop()
    expect(done).toEqual(['press 1', 'press *', 'say room 12', 'press 3', 'say ä'])
  })
})
