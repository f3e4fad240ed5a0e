import { readFileSync } from 'node:fs'
import { expect } from 'vitest'

/** A section of docs/simulator-deepgram.md. */
export function sectionOf(title: string): string {
  const page = readFileSync(new URL('../../../../../docs/simulator-deepgram.md', import.meta.url), 'utf8')
  const from = page.indexOf(`## ${title}\n`)
  return page.slice(from, page.indexOf('\n## ', from + 1))
}

/** The table of behaviours in a section: field and default. */
export function behaviourRows(title: string): ReadonlyMap<string, string> {
  const found = sectionOf(title).matchAll(/^\| `(\w+)` +\| (.*?) +\| (.*?) *\|$/gm)
  return new Map([...found].map((row) => [row[1] ?? '', row[2] ?? '']))
}

export function holdsDefaults(rows: ReadonlyMap<string, string>, documented: object): void {
  expect([...rows.keys()]).toEqual(Object.keys(documented))
  for (const [name, value] of Object.entries(documented)) {
    if (value === undefined) expect(rows.get(name)).toBe('none')
    else if (typeof value === 'string') expect(rows.get(name)).toContain(`\`'${value}'\``)
    else expect(rows.get(name)?.replaceAll('_', '')).toContain(`\`${value}\``)
  }
}
