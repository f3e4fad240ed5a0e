import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  // A file that was removed but not yet committed is still listed.
  .filter((file) => file !== '' && existsSync(file))
const code = files.filter((file) => /^(src|scripts)\/.*\.ts$/.test(file))

describe('the house', () => {
  test('there is code to look at', () => {
    expect(code.length).toBeGreaterThan(30)
  })

  test('no source file is longer than 250 lines', () => {
    const long = code.filter((file) => readFileSync(file, 'utf8').split('\n').length > 251)
    expect(long).toEqual([])
  })

  test('most source files are at most 150 lines', () => {
    const long = code.filter((file) => readFileSync(file, 'utf8').split('\n').length > 151)
    expect(long.length).toBeLessThan(code.length / 5)
  })

  test('no file or folder is named after nothing', () => {
    expect(code.filter((file) => /(^|\/)(utils?|helpers?|misc|common|types|index)(\.ts|\/)/.test(file))).toEqual([])
  })

  test('no file that tests import sets hooks: files share a worker, and only the first would have them', () => {
    const shared = files.filter((file) => /^test\/.*\.ts$/.test(file) && !file.endsWith('.test.ts'))
    expect(shared.length).toBeGreaterThan(5)
    expect(shared.filter((file) => /^(before|after)(Each|All)\(/m.test(readFileSync(file, 'utf8')))).toEqual([])
  })

  test('no test is skipped or singled out, no check is silenced', () => {
    const tests = files.filter(
      (file) => /^(test|src|scripts)\/.*\.ts$/.test(file) && file !== 'test/house/files.test.ts',
    )
    const silenced = tests.filter((file) =>
      /\.(skip|only|todo)\(|@ts-(ignore|nocheck)|(oxlint|eslint)-disable/.test(readFileSync(file, 'utf8')),
    )
    expect(silenced).toEqual([])
  })
})
