import { BridgeError } from './errors.ts'
import { flowFileName, isFlowFile, watchFlowFile } from './flows/flow-file.ts'
import type { Flows } from './flows/flows.ts'

/** The flow that `--flow` names on a command line. */
export interface ChosenFlow {
  readonly name: string
  /** Holds it when it is in a file; a flow that ships is there anyway. */
  readonly ownFlows: Flows
  /** The file is not looked at any more. */
  close(): void
}

/**
 * @param word the name of a flow that ships, or the path of a file with one
 * @param reloaded told when the file was read again; with the problem when the former flow goes on
 * @throws BridgeError `flow.unusable`
 */
export async function chooseFlow(
  word: string,
  reloaded: (problem: BridgeError | undefined) => void = () => {},
): Promise<ChosenFlow> {
  if (!isFlowFile(word)) return { name: word, ownFlows: new Map(), close() {} }
  const watched = await watchFlowFile(word, reloaded)
  const name = flowFileName(word)
  return { name, ownFlows: new Map([[name, { flow: watched.flow, spoken: [] }]]), close: () => watched.close() }
}

/**
 * Takes `--flow X` out of words that are settings otherwise.
 *
 * @throws BridgeError `usage.invalid`
 */
export function takeFlowWord(words: readonly string[]): { readonly flow: string | undefined; readonly rest: string[] } {
  const rest: string[] = []
  let flow: string | undefined
  for (let place = 0; place < words.length; place++) {
    const word = words[place] ?? ''
    const value = word === '--flow' ? words[++place] : word.startsWith('--flow=') ? word.slice(7) : undefined
    if (word !== '--flow' && value === undefined) rest.push(word)
    else if (value === undefined || value === '' || value.startsWith('--') || flow !== undefined)
      throw new BridgeError(
        'usage.invalid',
        'Expected --flow once, with a file such as ./my-flow.ts or the name of a flow.',
      )
    else flow = value
  }
  return { flow, rest }
}
