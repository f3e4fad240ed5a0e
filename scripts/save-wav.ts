import { writeFile } from 'node:fs/promises'
import { mulawWav } from '../src/audio/wav.ts'
import { codeOf, tryOutput } from './output-file.ts'

/** Tries, before anybody is called for it, whether a recording can be written. @throws BridgeError `usage.invalid` */
export const tryWav = (file: string): Promise<void> => tryOutput(file, 'The file after --save')

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
