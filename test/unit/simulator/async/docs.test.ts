import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { documentedBehaviour } from '../../../../src/simulator/async/behaviour.ts'

const page = readFileSync(new URL('../../../../docs/simulator-async.md', import.meta.url), 'utf8')

test('the page lists every behaviour with its default, and no other', () => {
  const section = page.slice(page.indexOf('## Behaviour'), page.indexOf('## Incidents'))
  const rows = new Map([...section.matchAll(/^\| `(\w+)` +\| (.*?) +\|/gm)].map((row) => [row[1] ?? '', row[2] ?? '']))
  expect([...rows.keys()]).toEqual(Object.keys(documentedBehaviour))
  for (const [name, value] of Object.entries(documentedBehaviour)) {
    if (typeof value === 'string') expect(rows.get(name)).toContain(`\`'${value}'\``)
    else if (typeof value !== 'object' && value !== undefined)
      expect(rows.get(name)?.replace('_', '')).toContain(`\`${value}\``)
  }
})
