import { constants, existsSync } from 'node:fs'
import { access, open, rm, stat, writeFile } from 'node:fs/promises'
import { mulawWav } from '../src/audio/wav.ts'
import { BridgeError } from '../src/errors.ts'

/**
 * Tries, before anybody is called for it, whether a recording can be written. Leaves what is there as it is.
 *
 * @throws BridgeError `usage.invalid`
 */
export async function tryWav(file: string): Promise<void> {
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

/** Whether the audio (mu-law) was saved. What went wrong is printed: the outcome is told already, and stays what it is. */
export async function saveWav(file: string, audio: Uint8Array): Promise<boolean> {
  if (audio.length === 0) {
    process.stderr.write(`Nothing was heard, so ${file} was not written.\n`)
    return true
  }
  try {
    await writeFile(file, mulawWav(audio))
    return true
  } catch (thrown) {
    process.stderr.write(`${unwritable(codeOf(thrown)).message}\n`)
    return false
  }
}

function unwritable(why: string): BridgeError {
  return new BridgeError('usage.invalid', `The file after --save cannot be written (${why}).`)
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown'
}
