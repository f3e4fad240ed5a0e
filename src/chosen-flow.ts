import { existsSync } from 'node:fs'
import { BridgeError } from './errors.ts'
import type { Flow } from './flows/flow.ts'
import { flowFileName, isFlowFile, watchFlowFile } from './flows/flow-file.ts'
import { type Flows, shippedFlows } from './flows/flows.ts'

/** The flow that `--flow` names on a command line. */
export interface ChosenFlow {
  readonly name: string
  /** Holds it when it is in a file; a flow that ships is there anyway. */
  readonly ownFlows: Flows
  /** Of these parameters those that the flow of a file never looked at. */
  unread(names: readonly string[]): readonly string[]
  /** The file is not looked at any more. */
  close(): void
}

const shipped = shippedFlows('', () => 0)

/**
 * @param word the name of a flow that ships, or the path of a file with one
 * @param reloaded told when the file was read again; with the problem when the former flow goes on
 * @throws BridgeError `flow.unusable`, `flow.unknown`
 */
export async function chooseFlow(
  word: string,
  reloaded: (problem: BridgeError | undefined) => void = () => {},
): Promise<ChosenFlow> {
  if (!isFlowFile(word)) {
    if (!shipped.has(word)) throw unknownFlow(word)
    return { name: word, ownFlows: new Map(), unread: () => [], close() {} }
  }
  const watched = await watchFlowFile(word, reloaded)
  const name = flowFileName(word)
  const read = new Set<string>()
  return {
    name,
    ownFlows: new Map([[name, { flow: notingReads(watched.flow, read), spoken: [] }]]),
    unread: (names) => names.filter((one) => !read.has(one)),
    close: () => watched.close(),
  }
}

/**
 * Words on a command line that a flow that ships would never look at are a mistake; what a flow in a file takes is not
 * known before.
 *
 * @throws BridgeError `usage.invalid`
 */
export function refuseWithoutEffect(flow: string, parameters: Readonly<Record<string, string | undefined>>): void {
  const takes = shipped.get(flow)?.parameters
  const given = Object.keys(parameters).filter((name) => parameters[name] !== undefined)
  const strange = takes && given.find((name) => !takes.includes(name))
  if (!takes || strange === undefined) return
  const what = { message: 'a text', voicemail: 'a text for mailboxes' }[strange] ?? `the parameter ${strange}`
  const known = takes.length === 0 ? 'none' : takes.join(', ')
  throw new BridgeError('usage.invalid', `The flow ${flow} does nothing with ${what}. Its parameters: ${known}.`)
}

function unknownFlow(word: string): BridgeError {
  const names = [...shipped.keys()].join(', ')
  const file = ['.ts', '.mts', '.js', '.mjs'].map((ending) => `./${word}${ending}`).find((path) => existsSync(path))
  const meant =
    file === undefined ? 'For one of your own, give its file, such as ./my-flow.ts.' : `Did you mean ${file}?`
  return new BridgeError('flow.unknown', `Expected the name of a flow (${names}); "${word}" came. ${meant}`)
}

/** The same flow, with the names of the parameters that it looks at noted. */
function notingReads(flow: Flow, read: Set<string>): Flow {
  return (call) => {
    const parameters = new Proxy(call.parameters, {
      get(target, name) {
        if (typeof name === 'string') read.add(name)
        const value: unknown = Reflect.get(target, name)
        return value
      },
      ownKeys(target) {
        for (const name of Object.keys(target)) read.add(name)
        return Reflect.ownKeys(target)
      },
    })
    return flow({ ...call, parameters })
  }
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
