import type { Flow } from './flow.ts'
import { notify } from './notify.ts'

export interface NamedFlow {
  readonly flow: Flow
  /** Parameters it speaks as they are: without words to say in them nobody is dialled. */
  readonly spoken: readonly string[]
}

/** The flows a call can be placed with, by name. */
export const flows: ReadonlyMap<string, NamedFlow> = new Map([['notify', { flow: notify, spoken: ['message'] }]])
