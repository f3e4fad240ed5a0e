import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { documentedListening } from '../../../../../src/simulator/async/listen/behaviour.ts'
import type { ListenFaultCode } from '../../../../../src/simulator/async/listen/client-messages.ts'

const page = readFileSync(new URL('../../../../../docs/simulator-async.md', import.meta.url), 'utf8')
const from = page.indexOf('## Listening\n')
const section = page.slice(from, page.indexOf('\n## ', from + 1))

test('the page lists every behaviour of listening with its default, and no other', () => {
  const found = section.matchAll(/^\| `(\w+)` +\| (.*?) +\| (.*?) *\|$/gm)
  const rows = new Map([...found].map((row) => [row[1] ?? '', row[2] ?? '']))
  expect([...rows.keys()]).toEqual(Object.keys(documentedListening))
  for (const [name, value] of Object.entries(documentedListening)) {
    if (value === undefined) expect(rows.get(name)).toBe('none')
    else if (typeof value === 'string') expect(rows.get(name)).toContain(`\`'${value}'\``)
    else expect(rows.get(name)?.replaceAll('_', '')).toContain(`\`${value}\``)
  }
})

test('the page lists every fault of listening, and no other', () => {
  const every: Record<ListenFaultCode, true> = {
    'bad-key': true,
    'unknown-parameter': true,
    'bad-parameter': true,
    'not-json': true,
    'unknown-message': true,
    'unknown-field': true,
    'odd-bytes': true,
    'frame-length': true,
    'after-finish': true,
  }
  const faults = section.slice(section.indexOf('- `faults`:'), section.indexOf('\n\n| field'))
  expect([...faults.matchAll(/`([a-z-]+)`/g)].map((found) => found[1]).slice(1)).toEqual(Object.keys(every))
})
