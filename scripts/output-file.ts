import { constants, existsSync } from 'node:fs'
import { access, open, rm, stat, writeFile } from 'node:fs/promises'
import { BridgeError } from '../src/errors.ts'

/**
 * Tries, before anything is paid for, whether a file can be written. Leaves what is there as it is.
 *
 * @param what the file as it is told of
 * @throws BridgeError `usage.invalid`
 */
export async function tryOutput(file: string, what = `The file ${file}`): Promise<void> {
  const unwritable = (why: string) => new BridgeError('usage.invalid', `${what} cannot be written (${why}).`)
  try {
    if (existsSync(file)) {
      await access(file, constants.W_OK)
      if ((await stat(file)).isDirectory()) throw unwritable('it is a folder')
    } else {
      await (await open(file, 'wx')).close()
      await rm(file)
    }
  } catch (thrown) {
    throw thrown instanceof BridgeError ? thrown : unwritable(codeOf(thrown))
  }
}

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
  const code = codeOf(thrown)
  const hint = code === 'EEXIST' ? ' Something of that name is there; give another name.' : ''
  return new BridgeError('usage.invalid', `The file ${file} cannot be ${what} (${code}).${hint}`)
}

export function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown'
}
