import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { asBridgeError } from '../src/errors.ts'
import { tellFailure } from '../src/failure.ts'
import { startGenerator } from './bench/generator.ts'
import { help, type Options, readOptions, sentenceMs } from './bench/options.ts'
import { problemsOf, tableOf } from './bench/report.ts'
import type { Result } from './bench/result.ts'
import { scenarios } from './bench/scenarios/scenarios.ts'
import { machine } from './measuring.ts'

async function measure(options: Options): Promise<Result[]> {
  const generator = await startGenerator(sentenceMs)
  const told = (result: Result) => void process.stdout.write(`${tableOf(result)}\n`)
  const results: Result[] = []
  try {
    for (const name of options.only) results.push(...(await scenarios[name]({ generator, options, told })))
  } finally {
    await generator.close()
  }
  return results
}

async function main(words: readonly string[]): Promise<void> {
  const options = readOptions(words)
  if (!options) {
    process.stdout.write(help)
    return
  }
  if (options.profiles !== undefined) mkdirSync(options.profiles, { recursive: true })
  const date = new Date().toISOString()
  process.stdout.write(`${machine()}; ${date}\n\n`)
  const results = await measure(options)
  const { quick, seconds, rounds, settings } = options
  const report = { date, machine: machine(), quick, seconds, rounds, settings, results }
  mkdirSync(dirname(options.json), { recursive: true })
  writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`)
  process.stdout.write(`As JSON: ${options.json}\n`)
  const bad = results.filter((result) => problemsOf(result).length > 0)
  if (bad.length === 0) return
  process.stdout.write(`${bad.length} of ${results.length} steps failed or are void.\n`)
  process.exitCode = 1
}

try {
  await main(process.argv.slice(2))
} catch (thrown) {
  process.exitCode = tellFailure(asBridgeError(thrown))
}
