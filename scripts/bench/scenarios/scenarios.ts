import type { Generator } from '../generator.ts'
import type { Options, ScenarioName } from '../options.ts'
import type { Result } from '../result.ts'
import { speakInSteps } from './speaking.ts'

export interface Run {
  readonly generator: Generator
  readonly options: Options
  /** Told of each result when it is there. */
  readonly told: (result: Result) => void
}

const rampCalls = [10, 50, 100, 200, 500, 1_000]
const quickCalls = [10, 50]

function ramp({ options }: Run) {
  const { chunkMs, pace } = options
  return (options.calls ?? (options.quick ? quickCalls : rampCalls)).map((calls) => ({ calls, chunkMs, pace }))
}

export const scenarios: Readonly<Record<ScenarioName, (run: Run) => Promise<Result[]>>> = {
  ramp: (run) => speakInSteps('speaking', ramp(run), { flow: 'speak' }, run),
  duplex: (run) => speakInSteps('speaking and listening', ramp(run), { flow: 'converse', listening: true }, run),
}
