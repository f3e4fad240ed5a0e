import type { Flow } from './flow.ts'
import { notify } from './notify.ts'
import { notifyTexts, whyNotNotify } from './notify-keys.ts'

export interface NamedFlow {
  readonly flow: Flow
  /** Parameters it speaks as they are: without words to say in them nobody is dialled. */
  readonly spoken: readonly string[]
  /** Parameters it also speaks, where they are given. */
  readonly alsoSpoken?: readonly string[]
  /** What is wrong with the parameters; undefined: nothing. */
  readonly whyNot?: (parameters: Readonly<Record<string, string>>) => string | undefined
}

/** The flows a call can be placed with, by name. */
export const flows: ReadonlyMap<string, NamedFlow> = new Map([
  ['notify', { flow: notify, spoken: ['message'], alsoSpoken: notifyTexts, whyNot: whyNotNotify }],
])

/** The texts that a flow says, where they are known before the call. */
export function textsOf(flow: Flow, parameters: Readonly<Record<string, string>>): readonly string[] {
  const named = [...flows.values()].find((one) => one.flow === flow)
  return (named?.spoken ?? []).map((name) => parameters[name] ?? '')
}
