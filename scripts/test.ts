import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Everything that must hold at a commit: types, lint, formatting, dead code, and all tests (import rules and file
 * sizes are tests). Ends with one line, `N passed, N failed`, which counts the tests and, should one fail, the checks.
 */
const reports = '.reports'
const checks: readonly (readonly [name: string, command: string, ...words: string[]])[] = [
  ['types', 'tsc', '--noEmit'],
  ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
  ['formatting', 'biome', 'format', '.'],
  ['dead code', 'knip'],
]
/** The second run reads the logs that the first one wrote. */
const runs: readonly (readonly string[])[] = [
  ['--project', 'all'],
  ['--project', 'logs'],
]

rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })
let passed = 0
let failed = 0

/** Where the tests and the processes they start leave what they leave. Open to all: some run as a user without rights. */
const temporary = mkdtempSync(join(tmpdir(), 'callbridge-test-'))
chmodSync(temporary, 0o1777)

for (const [name, command, ...words] of checks) {
  const ok = run(command, words)
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`)
  if (!ok) failed++
}
for (const [index, words] of runs.entries()) {
  const file = `${reports}/tests-${index}.json`
  const ok = run('vitest', ['run', ...words, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`])
  const counts = countsOf(file)
  passed += counts.passed
  failed += counts.failed
  // Errors outside of any test (an unhandled rejection, a broken file) fail the run without failing a test.
  if (!ok && counts.failed === 0) failed++
}
rmSync(temporary, { recursive: true, force: true })
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1

function run(command: string, words: readonly string[]): boolean {
  const { status, error } = spawnSync(command, words, { stdio: 'inherit', env: { ...process.env, TMPDIR: temporary } })
  if (error) console.log(`${command} did not start: ${error.message}`)
  return status === 0
}

function countsOf(file: string): { passed: number; failed: number } {
  try {
    const report: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return { passed: numberIn(report, 'numPassedTests'), failed: numberIn(report, 'numFailedTests') }
  } catch {
    return { passed: 0, failed: 1 }
  }
}

function numberIn(report: unknown, name: string): number {
  if (typeof report !== 'object' || report === null) return 0
  const value: unknown = Reflect.get(report, name)
  return typeof value === 'number' ? value : 0
}
