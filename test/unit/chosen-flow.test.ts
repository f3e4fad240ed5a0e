import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { chooseFlow, refuseWithoutEffect } from '../../src/chosen-flow.ts'
import { shippedFlows } from '../../src/flows/flows.ts'

const folder = mkdtempSync(join(tmpdir(), 'chosen-flow-'))
const before = process.cwd()
afterAll(() => rmSync(folder, { recursive: true }))

describe('--flow', () => {
  test('a name that is none is repeated, with those there are and the file that may have been meant', async () => {
    const unknown = chooseFlow('my-flow')
    await expect(unknown).rejects.toMatchObject({ code: 'flow.unknown' })
    await expect(unknown).rejects.toThrow(/notify, alert, menu.*"my-flow" came\. For one of your own/)
    writeFileSync(join(folder, 'my-flow.ts'), 'export default async () => {}\n')
    process.chdir(folder)
    try {
      await expect(chooseFlow('my-flow')).rejects.toThrow('Did you mean ./my-flow.ts?')
      await expect(chooseFlow('./my-flow')).rejects.toThrow('Did you mean ./my-flow.ts?')
      await expect(chooseFlow('./no-flow')).rejects.not.toThrow('Did you mean')
    } finally {
      process.chdir(before)
    }
  })

  test('what the flow of a file never looked at is known afterwards', async () => {
    const file = join(folder, 'reads.ts')
    writeFileSync(file, 'export default async ({ parameters }) => { parameters.name; "date" in parameters }\n')
    const chosen = await chooseFlow(file)
    chosen.close()
    const { flow } = chosen.ownFlows.get(chosen.name) ?? {}
    await flow?.({ parameters: { name: 'Ada', naem: 'x' } } as unknown as Parameters<typeof flow>[0])
    expect(chosen.unread(['name', 'naem'])).toEqual(['naem'])
    const all = join(folder, 'all.ts')
    writeFileSync(all, 'export default async (call) => { Object.entries(call.parameters) }\n')
    const looking = await chooseFlow(all)
    looking.close()
    const one = looking.ownFlows.get(looking.name)
    await one?.flow({ parameters: { name: 'Ada' } } as unknown as Parameters<typeof one.flow>[0])
    expect(looking.unread(['name'])).toEqual([])
  })
})

describe('words without effect', () => {
  test('a flow that ships is given what it takes, and nothing else', () => {
    expect(() => refuseWithoutEffect('notify', { message: 'Hello.', confirm: '1', voicemail: undefined })).not.toThrow()
    expect(() => refuseWithoutEffect('menu', { hours: 'always', message: undefined })).not.toThrow()
    expect(() => refuseWithoutEffect('menu', { message: 'Hello.' })).toThrow(
      'The flow menu does nothing with a text. Its parameters: hours, operator, timeZone.',
    )
    expect(() => refuseWithoutEffect('reminder', { naem: 'Ada' })).toThrow('the parameter naem. Its parameters: name')
    expect(() => refuseWithoutEffect('parrot', { voicemail: 'Hello.' })).toThrow(
      'a text for mailboxes. Its parameters: none',
    )
    // What a flow of one's own takes is not known.
    expect(() => refuseWithoutEffect('my-flow', { anything: 'x' })).not.toThrow()
  })

  test('every flow that ships says what it takes, and looks at each of it', async () => {
    for (const [name, { flow, parameters }] of shippedFlows(folder, () => 0)) {
      const read = new Set<string>()
      const given = new Proxy(Object.fromEntries((parameters ?? []).map((one) => [one, ''])), {
        get(target, one) {
          read.add(String(one))
          const value: unknown = Reflect.get(target, one)
          return value
        },
      })
      const silent = {
        parameters: given,
        gather: over,
        say: over,
        on: over,
        pause: over,
        answerer: over,
        signal: AbortSignal.abort(),
      }
      await flow(silent as unknown as Parameters<typeof flow>[0]).catch(() => {})
      expect([name, parameters !== undefined]).toEqual([name, true])
      // A flow may end before it has looked at all.
      expect([name, [...read].filter((one) => !parameters?.includes(one))]).toEqual([name, []])
    }
  })
})

function over(): Promise<never> {
  const rejected = Promise.reject(new Error('over'))
  rejected.catch(() => {})
  return rejected
}
