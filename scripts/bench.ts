import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { asBridgeError } from '../src/errors.ts'
import { tellFailure } from '../src/failure.ts'
import { type Cores, pinGenerator } from './bench/cores.ts'
import { startGenerator } from './bench/generator.ts'
import { help, type Options, readOptions, sentenceMs } from './bench/options.ts'
import { conclusionOf, setUpInWords, tableOf } from './bench/report.ts'
import type { Result } from './bench/result.ts'
import { runScenario } from './bench/scenarios/run.ts'
import { scenarios } from './bench/scenarios/scenarios.ts'
import { startOptions } from './bench/start-script.ts'
import { machine } from './measuring.ts'

async function measure(options: Options, cores: Cores | undefined, told: (result: Result) => void): Promise<void> {
  const generator = await startGenerator(sentenceMs, cores)
  try {
    for (const name of options.only) await runScenario(name, scenarios[name], { generator, options, told })
  } finally {
    await generator.close()
  }
}

async function main(words: readonly string[]): Promise<void> {
  const options = readOptions(words)
  if (!options) {
    process.stdout.write(help)
    return
  }
  if (options.profiles !== undefined) mkdirSync(options.profiles, { recursive: true })
  const cores = options.pin ? pinGenerator() : undefined
  const setUp = { machine: machine(), node: { server: startOptions(), floor: [] }, cores: cores ?? null }
  const date = new Date().toISOString()
  process.stdout.write(`${setUpInWords(setUp)}; ${date}\n\n`)

  const results: Result[] = []
  try {
    await measure(options, cores, (result) => {
      results.push(result)
      process.stdout.write(`${tableOf(result)}\n`)
    })
  } finally {
    // What was measured up to a failure is not lost with it.
    const { quick, seconds, rounds, settings } = options
    const report = { date, ...setUp, quick, seconds, rounds, settings, results }
    mkdirSync(dirname(options.json), { recursive: true })
    writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`)
    process.stdout.write(`As JSON: ${options.json}\n`)
  }
  const { words: conclusion, exitCode } = conclusionOf(results)
  process.stdout.write(conclusion)
  process.exitCode = exitCode
}

try {
  await main(process.argv.slice(2))
} catch (thrown) {
  process.exitCode = tellFailure(asBridgeError(thrown))
}
