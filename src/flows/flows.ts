import { alert } from './alert.ts'
import type { Flow } from './flow.ts'
import { menuAt } from './menu.ts'
import { whyNotMenu } from './menu-parameters.ts'
import { notify } from './notify.ts'
import { notifyParameters, notifyTexts, whyNotNotify } from './notify-keys.ts'
import { parrot } from './parrot.ts'
import { reminder } from './reminder.ts'
import { surveyInto } from './survey.ts'

export interface NamedFlow {
  readonly flow: Flow
  /** All the parameters that it takes; left out: not known. */
  readonly parameters?: readonly string[]
  /** Parameters it speaks as they are: without words to say in them nobody is dialled. */
  readonly spoken: readonly string[]
  /** Parameters it also speaks, where they are given. */
  readonly alsoSpoken?: readonly string[]
  /** What is wrong with the parameters; undefined: nothing. */
  readonly whyNot?: (parameters: Readonly<Record<string, string>>) => string | undefined
}

export type Flows = ReadonlyMap<string, NamedFlow>

/**
 * The flows that ship, by name.
 *
 * @param folder where they keep what they are told
 * @param now what time it is, in milliseconds since the epoch
 */
export function shippedFlows(folder: string, now: () => number): Flows {
  return new Map([
    [
      'notify',
      {
        flow: notify,
        parameters: notifyParameters,
        spoken: ['message'],
        alsoSpoken: notifyTexts,
        whyNot: whyNotNotify,
      },
    ],
    ['alert', { flow: alert, parameters: ['message', 'voicemail'], spoken: [], alsoSpoken: ['message', 'voicemail'] }],
    ['menu', { flow: menuAt(now), parameters: ['hours', 'operator', 'timeZone'], spoken: [], whyNot: whyNotMenu }],
    ['parrot', { flow: parrot, parameters: [], spoken: [] }],
    ['reminder', { flow: reminder, parameters: ['name', 'appointment', 'days'], spoken: [] }],
    ['survey', { flow: surveyInto(folder, now), parameters: ['questions', 'id'], spoken: [] }],
  ])
}

/** The texts that a flow says, where they are known before the call. */
export function textsOf(flows: Flows, flow: Flow, parameters: Readonly<Record<string, string>>): readonly string[] {
  const named = [...flows.values()].find((one) => one.flow === flow)
  return (named?.spoken ?? []).map((name) => parameters[name] ?? '')
}
