import { asBridgeError, BridgeError } from '../src/errors.ts'
import { tellFailure } from '../src/failure.ts'
import { fuzzCall, fuzzedFlows } from './fuzz-call.ts'
import { readWords } from './read-words.ts'

const help = `Random calls against every flow that ships, on this machine alone: keys, words, silence and hanging up at any time, people
and machines, in and out. Each call has to end exactly once and as it should, and to leave nothing behind.

  npm run fuzz -- [--calls N] [--seed N] [--flow NAME] [--at-once N]

  --calls N     how many calls (default 1000)
  --seed N      the number of the first call (default 1); a call with the same number and flow goes the same way
  --flow NAME   only this one of ${fuzzedFlows.join(', ')}
  --at-once N   calls in parallel (default 8)

Exit codes: 0 every call was as it should be, 1 one was not, 2 wrong words.
`

const most = 1_000_000
/** What a call that failed does is worth reading; of many, a few are enough. */
const mostTold = 5

async function main(words: readonly string[]): Promise<number> {
  const { values } = readWords(words, {
    options: {
      calls: { type: 'string' },
      seed: { type: 'string' },
      flow: { type: 'string' },
      'at-once': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const calls = whole('--calls', values.calls, 1000)
  const first = whole('--seed', values.seed, 1)
  const atOnce = whole('--at-once', values['at-once'], 8)
  const { flow } = values
  if (flow !== undefined && !fuzzedFlows.includes(flow))
    throw new BridgeError('usage.invalid', `--flow: expected one of ${fuzzedFlows.join(', ')}.`)
  let failed = 0
  const fail = (thrown: unknown) => {
    if (++failed <= mostTold) process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n\n`)
  }
  process.on('unhandledRejection', fail)
  // The first calls of a process leave what every later one uses.
  for (const name of fuzzedFlows) await fuzzCall(name, 0).catch(fail)
  const before = listeners()
  let next = first
  async function play(): Promise<void> {
    while (next < first + calls) {
      const seed = next++
      await fuzzCall(flow ?? fuzzedFlows[seed % fuzzedFlows.length] ?? '', seed).catch(fail)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, play))
  if (listeners() > before) fail(new Error(`${listeners() - before} listeners are left on the process`))
  process.stdout.write(`${calls} calls, seeds ${first} to ${first + calls - 1}: ${failed} failed\n`)
  return failed === 0 ? 0 : 1
}

function listeners(): number {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)
}

function whole(option: string, given: string | undefined, otherwise: number): number {
  if (given === undefined) return otherwise
  const value = Number(given)
  if (!/^\d+$/.test(given) || value < 1 || value > most)
    throw new BridgeError('usage.invalid', `${option}: expected a whole number from 1 to ${most}.`)
  return value
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (thrown) {
  process.exitCode = tellFailure(asBridgeError(thrown))
}
