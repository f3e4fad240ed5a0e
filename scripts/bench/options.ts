import { resolve } from 'node:path'
import { settingNames } from '../../src/config.ts'
import { noSetting, settingOf } from '../../src/environment.ts'
import { BridgeError } from '../../src/errors.ts'
import { readWords } from '../read-words.ts'
import type { Pace } from './speech-service.ts'

export const scenarioNames = ['ramp', 'chunks', 'duplex', 'first-frame', 'keys', 'overload', 'soak'] as const
export type ScenarioName = (typeof scenarioNames)[number]

export interface Options {
  readonly quick: boolean
  readonly only: readonly ScenarioName[]
  /** Instead of those that each scenario has of its own. */
  readonly calls: readonly number[] | undefined
  readonly chunkMs: number
  readonly pace: Exclude<Pace, 'instant'>
  /** How long each bridge is measured in each round. */
  readonly seconds: number
  readonly rounds: number
  readonly json: string
  /** The folder that CPU profiles go to. */
  readonly profiles: string | undefined
  /** Whether generator and bridge keep to a core of their own each. */
  readonly pin: boolean
  /** Of the server, over its own. */
  readonly settings: Readonly<Record<string, string>>
}

export const help = `What the server costs, beside the least that any bridge must do: a relay of a few lines, the floor. Generator, server
and floor are processes of their own; server and floor are loaded in turn, with the same (docs/performance.md).

  npm run bench -- [--quick] [--only SCENARIO,…] [--calls NUMBER,…] [--seconds NUMBER] [--rounds NUMBER]
                   [--chunk-ms NUMBER] [--pace paced|burst] [--json FILE] [--profile] [--pin] [NAME=value …]

  --quick      few calls, less than a minute in all; without soak
  --only       some of: ${scenarioNames.join(', ')}
  --calls      calls at once, 1 to 4,000, a step for each number (ramp has 10,50,100,200,500,1000)
  --seconds    how long each is measured in each round (default 10)
  --rounds     how often server and floor take turns (default 2)
  --chunk-ms   sound in one message of the speech service: 20 (default), 100, 400, or another multiple of 20
  --pace       paced: a chunk at a time, in real time (default); burst: a sentence of four seconds at a time
  --json       where the results go (default .reports/bench.json)
  --profile    a CPU profile of each stretch that is measured and its flame graph, in .reports/profiles; it costs some itself
  --pin        the generator keeps to one core and the bridge to another (Linux, with taskset)
  NAME=value   sets any setting of the server

Exit codes: 0 measured, 1 not one bit was to be lost and some were, or the run is void, 2 wrong words.
`
const fullSeconds = 10
const quickSeconds = 2
const mostCalls = 4_000
/** Of every sentence, whatever its words. */
export const sentenceMs = 4_000

/** @throws BridgeError `usage.invalid`; undefined when help is asked for */
export function readOptions(words: readonly string[]): Options | undefined {
  const { values, positionals } = readWords(words, {
    allowPositionals: true,
    options: {
      quick: { type: 'boolean' },
      only: { type: 'string' },
      calls: { type: 'string' },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      'chunk-ms': { type: 'string' },
      pace: { type: 'string' },
      json: { type: 'string' },
      profile: { type: 'boolean' },
      pin: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return undefined
  const quick = values.quick ?? false
  const chunkMs = whole('--chunk-ms', values['chunk-ms'] ?? '20', 20, sentenceMs)
  if (chunkMs % 20 !== 0 || sentenceMs % chunkMs !== 0)
    throw wrong('--chunk-ms', `a multiple of 20 that divides ${sentenceMs}`)
  return {
    quick,
    only: values.only?.split(',').map(scenario) ?? scenarioNames.filter((name) => !quick || name !== 'soak'),
    calls: values.calls?.split(',').map((number) => whole('--calls', number, 1, mostCalls)),
    chunkMs,
    pace: pace(values.pace ?? 'paced'),
    seconds: whole('--seconds', values.seconds ?? String(quick ? quickSeconds : fullSeconds), 1, 3_600),
    rounds: whole('--rounds', values.rounds ?? (quick ? '1' : '2'), 1, 20),
    json: values.json ?? '.reports/bench.json',
    profiles: values.profile ? resolve('.reports/profiles') : undefined,
    pin: values.pin ?? false,
    settings: Object.fromEntries(positionals.map(setting)),
  }
}

function setting(word: string): [string, string] {
  const read = settingOf(word)
  if (!read) throw new BridgeError('usage.invalid', 'Expected options and NAME=value settings only. See --help.')
  if (!settingNames.includes(read.name)) throw noSetting(read.name)
  return [read.name, read.value]
}

function scenario(word: string): ScenarioName {
  const found = scenarioNames.find((name) => name === word)
  if (found) return found
  throw wrong('--only', `names out of ${scenarioNames.join(', ')}`)
}

function pace(word: string): Options['pace'] {
  if (word === 'paced' || word === 'burst') return word
  throw wrong('--pace', 'paced or burst')
}

function whole(option: string, word: string, least: number, most: number): number {
  const number = Number(word)
  if (Number.isInteger(number) && number >= least && number <= most) return number
  throw wrong(option, `a whole number from ${least} to ${most}`)
}

function wrong(option: string, what: string): BridgeError {
  return new BridgeError('usage.invalid', `${option}: expected ${what}.`)
}
