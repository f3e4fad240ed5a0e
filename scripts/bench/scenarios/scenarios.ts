import type { ScenarioName } from '../options.ts'
import type { Result } from '../result.ts'
import { firstFrames } from './first-frame.ts'
import { keysPressed } from './keys.ts'
import { overload } from './overload.ts'
import type { Run } from './run.ts'
import { soak } from './soak.ts'
import { speakInSteps, type Step } from './speaking.ts'

const rampCalls = { quick: [50], full: [10, 50, 100, 200, 500, 1_000] }
const chunkCalls = { quick: [50], full: [100] }
const duplexCalls = { quick: [20], full: [10, 50, 100, 200, 500] }
const chunkShapes: Readonly<Record<'quick' | 'full', readonly Omit<Step, 'calls'>[]>> = {
  quick: [{ chunkMs: 100, pace: 'burst' }],
  full: [
    { chunkMs: 100, pace: 'paced' },
    { chunkMs: 400, pace: 'paced' },
    { chunkMs: 20, pace: 'burst' },
    { chunkMs: 100, pace: 'burst' },
    { chunkMs: 400, pace: 'burst' },
  ],
}

function stepsOf({ options }: Run, usual: { readonly quick: readonly number[]; readonly full: readonly number[] }) {
  const { chunkMs, pace } = options
  return (options.calls ?? (options.quick ? usual.quick : usual.full)).map((calls) => ({ calls, chunkMs, pace }))
}

function chunks(run: Run): Promise<Result[]> {
  const shapes = run.options.quick ? chunkShapes.quick : chunkShapes.full
  const steps = stepsOf(run, chunkCalls).flatMap(({ calls }) => shapes.map((shape) => ({ calls, ...shape })))
  return speakInSteps('speaking', steps, { flow: 'speak' }, run)
}

export const scenarios: Readonly<Record<ScenarioName, (run: Run) => Promise<Result[]>>> = {
  ramp: (run) => speakInSteps('speaking', stepsOf(run, rampCalls), { flow: 'speak' }, run),
  chunks,
  duplex: (run) =>
    speakInSteps('speaking and listening', stepsOf(run, duplexCalls), { flow: 'converse', listening: true }, run),
  'first-frame': firstFrames,
  keys: keysPressed,
  overload,
  soak,
}
