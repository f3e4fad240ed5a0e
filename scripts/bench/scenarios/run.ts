import type { Generator } from '../generator.ts'
import type { Options } from '../options.ts'
import { brokenOff, emptyResult, type Result } from '../result.ts'

/** What every scenario works with. */
export interface Run {
  readonly generator: Generator
  readonly options: Options
  /** Told of each result when it is there. */
  readonly told: (result: Result) => void
}

/** What breaks off is told as failed, and ends its scenario; never the ones behind it, which have bridges of their own. */
export async function runScenario(name: string, scenario: (run: Run) => Promise<unknown>, run: Run): Promise<void> {
  try {
    await scenario(run)
  } catch (thrown) {
    run.told(brokenOff(emptyResult(name, 'the step that it came to', 0), thrown))
  }
}
