import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errorCodes } from '../../src/errors.ts'

const made = globSync('{src,scripts}/**/*.ts').flatMap((file) =>
  // By name, through a function that makes one of several (`refused('limit.…`, `notNow('…`), or from a table.
  [...readFileSync(file, 'utf8').matchAll(/(?:(?:new BridgeError|refused|notNow)\(\s*|\bcode: )'([^']+)'/g)].map(
    (found) => found[1],
  ),
)

test('every code in the table of errors is made somewhere', () => {
  expect(Object.keys(errorCodes).filter((code) => !made.includes(code))).toEqual([])
})
