import { parseArgs, type ParseArgsConfig } from 'node:util'
import { BridgeError } from '../src/errors.ts'

/**
 * Reads the words of a command line.
 *
 * @throws BridgeError `usage.invalid`
 */
export function readWords<T extends ParseArgsConfig>(words: readonly string[], config: T) {
  try {
    return parseArgs<T>({ ...config, args: [...words] })
  } catch (thrown) {
    const problem = thrown instanceof Error ? thrown.message.split('. ')[0] : 'The words cannot be read'
    throw new BridgeError('usage.invalid', `${problem}. See --help.`)
  }
}
