import { existsSync, unwatchFile, watchFile } from 'node:fs'
import { basename, extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { BridgeError } from '../errors.ts'
import type { Flow } from './flow.ts'
import { placeOfFault } from './place.ts'

/** How often a file that is watched is looked at. */
const lookEveryMs = 300

/** Whether a word names a file, and not a flow that ships: `./menu.ts` is a file, `menu` is not. */
export function isFlowFile(word: string): boolean {
  return word.includes('/') || word.includes('\\') || /\.[cm]?[jt]s$/.test(word)
}

/** The name that a flow in a file goes by. */
export function flowFileName(file: string): string {
  const name = basename(file, extname(file)).replaceAll(/[^\w-]/g, '-')
  return /^[A-Za-z]/.test(name) ? name : `flow-${name}`
}

/**
 * The flow that a file exports as its default.
 *
 * @param version another one reads the file anew; what the file itself imports is not read again
 * @throws BridgeError `flow.unusable`, with the line at fault where there is one
 */
async function readFlowFile(file: string, version = 0): Promise<Flow> {
  if (!existsSync(file)) {
    const meant = existsSync(`${file}.ts`) ? ` Did you mean ${file}.ts?` : ''
    throw new BridgeError('flow.unusable', `${file}: expected the file of a flow; there is none.${meant}`)
  }
  const url = pathToFileURL(resolve(file))
  if (version > 0) url.searchParams.set('version', String(version))
  let module: unknown
  try {
    module = await import(url.href)
  } catch (thrown) {
    const { message } = thrown instanceof Error ? thrown : new Error(String(thrown))
    throw new BridgeError(
      'flow.unusable',
      `The flow file cannot be loaded. ${placeOfFault(thrown, import.meta.filename) ?? file}: ${message}`,
      {
        cause: thrown,
      },
    )
  }
  const flow = typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
  if (isFlow(flow)) return flow
  const came = flow === undefined ? 'nothing' : `a value of the type ${typeof flow}`
  const problem = `${file}: expected its default export to be a flow, as in "export default async (call) => { … }"`
  throw new BridgeError('flow.unusable', `${problem}; ${came} is exported as default.`)
}

/**
 * The flow of a file, as it is when a call begins: the file is read again when it was saved.
 *
 * @param reloaded told after each reading; with the problem when the former flow goes on
 * @throws BridgeError `flow.unusable`
 */
export async function watchFlowFile(
  file: string,
  reloaded: (problem: BridgeError | undefined) => void,
): Promise<{ readonly flow: Flow; close(): void }> {
  let current = await readFlowFile(file)
  let version = 0
  const changed = () => {
    readFlowFile(file, ++version).then(
      (flow) => {
        current = flow
        reloaded(undefined)
      },
      (thrown: unknown) => reloaded(thrown instanceof BridgeError ? thrown : undefined),
    )
  }
  watchFile(file, { interval: lookEveryMs, persistent: false }, changed)
  return { flow: (call) => current(call), close: () => unwatchFile(file, changed) }
}

function isFlow(value: unknown): value is Flow {
  return typeof value === 'function'
}
