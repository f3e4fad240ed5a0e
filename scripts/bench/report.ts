import Table from 'cli-table3'
import type { Cores } from './cores.ts'
import { troublesInWords } from './faults.ts'
import type { Result } from './result.ts'

/** A result as a table for a terminal. */
export function tableOf(result: Result): string {
  const table = new Table({
    head: ['', 'server', 'floor', 'ratio'],
    colAligns: ['left', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  })
  for (const { name, unit, server, floor, ratio } of result.figures)
    table.push([`${name} (${unit})`, shown(server), shown(floor), ratio === null ? '' : `${shown(ratio)} ×`])
  const problems = problemsOf(result).map((problem) => `  ${problem}\n`)
  const { share, systemShare, lateP99Ms } = result.generator
  const generator = `  generator: ${Math.round(share * 100)} % of a core (${Math.round(systemShare * 100)} % in the kernel), ${lateP99Ms} ms late at p99\n`
  return `${result.scenario}: ${result.step}\n${table.toString()}\n${generator}${problems.join('')}`
}

/** Why a result is worth nothing; empty when it is. */
export function problemsOf({ troubles, failed, void: reasons }: Result): string[] {
  const wrong = troublesInWords(troubles)
  return [
    ...(wrong.length === 0 ? [] : [`FAILED: not bit-exact: ${wrong.join(', ')}`]),
    ...failed.map((what) => `FAILED: ${what}`),
    ...reasons.map((reason) => `VOID: ${reason}`),
  ]
}

/** What was measured, and how it ran. Node's options are those beside the probe's, which are the same for both. */
export interface SetUp {
  readonly machine: string
  readonly node: { readonly server: readonly string[]; readonly floor: readonly string[] }
  readonly cores: Cores | null
}

export function setUpInWords({ machine, node, cores }: SetUp): string {
  const command = (options: readonly string[]) => ['node', ...options].join(' ')
  const pinned = cores ? `; generator on core ${cores.generator}, server and floor on core ${cores.bridge}` : ''
  return `${machine}; server: ${command(node.server)}, floor: ${command(node.floor)}${pinned}`
}

/** What is said last, and the exit code: 0 only where every step counts, and lost nothing. */
export function conclusionOf(results: readonly Result[]): { readonly words: string; readonly exitCode: 0 | 1 } {
  const bad = results.filter((result) => problemsOf(result).length > 0)
  if (bad.length === 0) return { words: '', exitCode: 0 }
  return { words: `${bad.length} of ${results.length} steps failed or are void.\n`, exitCode: 1 }
}

function shown(value: number | null): string {
  if (value === null) return '–'
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2)
}
