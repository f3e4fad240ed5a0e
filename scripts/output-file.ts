import { writeFile } from 'node:fs/promises'
import { BridgeError } from '../src/errors.ts'

/**
 * Writes a file that somebody named, over what is there; or, under a name that was made up, only where nothing is.
 *
 * @throws BridgeError `usage.invalid`
 */
export async function writeOutput(file: string, content: Uint8Array | string, madeUp = false): Promise<void> {
  try {
    await writeFile(file, content, { flag: madeUp ? 'wx' : 'w' })
  } catch (thrown) {
    throw fileError(file, 'written', thrown)
  }
}

/** Only the system's code is told of what went wrong. */
export function fileError(file: string, what: 'written' | 'read', thrown: unknown): BridgeError {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown'
  const hint = code === 'EEXIST' ? ' Something of that name is there; give another name.' : ''
  return new BridgeError('usage.invalid', `The file ${file} cannot be ${what} (${code}).${hint}`)
}
