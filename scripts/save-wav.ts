import { writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { mulawWav } from '../src/audio/wav.ts'
import { BridgeError } from '../src/errors.ts'
import { codeOf, tryOutput } from './output-file.ts'

/** Tries, before anybody is called for it, whether a recording can be written. @throws BridgeError `usage.invalid` */
export async function tryWav(file: string): Promise<void> {
  const ending = extname(file)
  if (ending !== '' && ending.toLowerCase() !== '.wav') {
    const problem = `--save writes WAV (mu-law, 8,000 Hz): expected a name that ends in .wav; "${ending}" came.`
    throw new BridgeError('usage.invalid', `${problem} Other programs make other formats of it.`)
  }
  await tryOutput(file, 'The file after --save')
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
    process.stderr.write(`The file after --save cannot be written (${codeOf(thrown)}).\n`)
    return false
  }
}
