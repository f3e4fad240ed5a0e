import type { Generator } from '../generator.ts'
import type { Options } from '../options.ts'
import type { Result } from '../result.ts'

/** What every scenario works with. */
export interface Run {
  readonly generator: Generator
  readonly options: Options
  /** Told of each result when it is there. */
  readonly told: (result: Result) => void
}
