import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** Five digits in the ranges of Twilio's dictionary that the phone network uses, with or without an underscore. */
const codes = /\b(?:1[0-5]|2[0-2]|3[12])_?\d{3}\b/g
/** Numbers of the same form that are no codes: milliseconds, seconds. */
const quantities = ['10000', '14400', '15000']

const codesIn = (files: string[]) =>
  new Set(files.flatMap((file) => readFileSync(file, 'utf8').match(codes) ?? []).map((code) => code.replace('_', '')))

test('every code with which the phone network refuses or blames occurs in a test', () => {
  const made = codesIn(globSync('src/simulator/phone-network/**/*.ts'))
  const tested = codesIn(globSync('test/{unit/simulator,integration}/**/*.test.ts'))
  expect(made.size).toBeGreaterThan(60)
  expect([...made].filter((code) => !tested.has(code) && !quantities.includes(code))).toEqual([])
})

test('every code with which the phone network refuses or blames stands in its documentation', () => {
  const page = readFileSync('docs/simulator.md', 'utf8')
  const made = codesIn(globSync('src/simulator/phone-network/**/*.ts'))
  expect([...made].filter((code) => !page.includes(code) && !quantities.includes(code))).toEqual([])
})
