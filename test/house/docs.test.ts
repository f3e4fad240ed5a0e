import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { errorCodes } from '../../src/errors.ts'

const pages = ['README.md', 'AGENTS.md', 'CHANGELOG.md', ...globSync('docs/**/*.md')]
const text = new Map(pages.map((page) => [page, readFileSync(page, 'utf8')]))
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
const tests = globSync('test/**/*.ts').map((file) => readFileSync(file, 'utf8'))

/** Imports stand at the top of a test file; formatting may differ. */
const flat = (code: string) =>
  code
    .replace(/^import .*$/gm, '')
    .replace(/\s+/g, ' ')
    .trim()

describe('the documentation', () => {
  test('the table of errors is the table of errors', () => {
    const rows = [...(text.get('docs/calls.md') ?? '').matchAll(/^\| `([a-z.-]+)` *\| (yes|no) *\| (.+?) *\|$/gm)]
    const written = rows.map(([, code, retry, summary]) => [code, retry === 'yes', summary])
    const real = Object.entries(errorCodes).map(([code, { retryable, summary }]) => [code, retryable, summary])
    expect(written).toEqual(real)
  })

  test('every fault in the table of docs/reliability.md has a test of that name', () => {
    const rows = [...(text.get('docs/reliability.md') ?? '').matchAll(/^\| (?!fault|what is tried|-)(.+?) *\|/gm)].map(
      (found) => found[1] ?? '',
    )
    // A test's name is the fault, or begins with it and goes on with the rule.
    const titles = tests.flatMap((file) =>
      [...file.matchAll(/\(\s*'((?:[^'\\]|\\.)+)',\s*(?:\{[^}]*\},\s*)?(?:async|\()/g)].map((found) => found[1] ?? ''),
    )
    const isNamed = (row: string) =>
      titles.some((title) => title === row || title.startsWith(`${row}:`) || title.startsWith(`${row} (`))
    expect(rows.length).toBeGreaterThan(30)
    expect(rows.filter((row) => !isNamed(row))).toEqual([])
    expect(new Set(rows).size).toBe(rows.length)
  })

  test('every npm script that is named exists, and every script is named', () => {
    const all = [...text.values()].join('\n')
    const named = [...all.matchAll(/npm (?:run )?(?:--silent )?(test|start|[a-z]+(?::[a-z]+)?)\b/g)].map(
      (found) => found[1],
    )
    const scripts = named.filter((name) => name !== 'ci' && name !== 'run' && name !== 'install')
    expect(scripts.filter((name) => !(name !== undefined && name in manifest.scripts))).toEqual([])
    for (const name of ['demo', 'dial', 'doctor', 'start', 'dev', 'simulator', 'test', 'format'])
      expect(scripts).toContain(name)
  })

  test('every link to a file leads to one', () => {
    const broken = [...text].flatMap(([page, content]) =>
      [...content.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)]
        .map((found) => found[1] ?? '')
        .filter((target) => !existsSync(join(dirname(page), target)))
        .map((target) => `${page}: ${target}`),
    )
    expect(broken).toEqual([])
  })

  test('every TypeScript snippet stands in a test, which runs it', () => {
    const snippets = [...text].flatMap(([page, content]) =>
      [...content.matchAll(/```ts\n([\s\S]*?)```/g)].map((found) => ({ page, code: flat(found[1] ?? '') })),
    )
    const unproven = snippets.filter(({ code }) => !tests.some((file) => flat(file).includes(code)))
    expect(unproven).toEqual([])
  })
})
