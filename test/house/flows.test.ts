import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { shippedFlows } from '../../src/flows/flows.ts'

test('each flow that ships is a file of less than 80 lines, with a test that plays it and a row in docs/flows.md', () => {
  const names = [...shippedFlows('', () => 0).keys()]
  expect(names).toContain('alert')
  const docs = readFileSync('docs/flows.md', 'utf8')
  for (const name of names) {
    expect(readFileSync(`src/flows/${name}.ts`, 'utf8').split('\n').length, name).toBeLessThan(80)
    const play = name === 'notify' ? 'test/integration/notify.test.ts' : `test/unit/flows/${name}.test.ts`
    expect(readFileSync(play, 'utf8'), name).toContain("test('")
    expect(docs, name).toContain(`\n| \`${name}\` |`)
  }
})
