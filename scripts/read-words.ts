import { parseArgs, type ParseArgsConfig } from 'node:util'
import { BridgeError } from '../src/errors.ts'

/**
 * Reads the words of a command line.
 *
 * @param env where npm leaves the options that it took for its own
 * @throws BridgeError `usage.invalid`
 */
export function readWords<T extends ParseArgsConfig>(
  words: readonly string[],
  config: T,
  env: Readonly<Record<string, string | undefined>> = process.env,
) {
  refuseSwallowed(words, Object.keys(config.options ?? {}), env)
  try {
    return parseArgs<T>({ ...config, args: [...words] })
  } catch (thrown) {
    const problem = thrown instanceof Error ? thrown.message.split('. ')[0] : 'The words cannot be read'
    throw new BridgeError('usage.invalid', `${problem}. ${hint(words, config.allowPositionals ?? false)}`)
  }
}

/**
 * Without `--` before them npm takes options for its own, and the command would run as if they had not been given.
 * It shows them in the environment. (`--save` is npm's default, and is not shown.)
 */
function refuseSwallowed(
  words: readonly string[],
  options: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): void {
  const command = env['npm_lifecycle_event']
  if (command === undefined) return
  const swallowed = options.filter(
    (option) =>
      env[`npm_config_${option.replaceAll('-', '_')}`] && !words.some((word) => word.startsWith(`--${option}`)),
  )
  if (swallowed.length === 0) return
  const names = swallowed.map((option) => `--${option}`).join(', ')
  throw new BridgeError(
    'usage.invalid',
    `npm took ${names} for its own. Put -- before the words, as in npm run ${command} -- … ${names} ….`,
  )
}

function hint(words: readonly string[], takesText: boolean): string {
  const like = words.some((word) => /^-(\W|\d|.*\s)/s.test(word) && word !== '--' && !/^--[a-z][a-z-]*(=|$)/.test(word))
  if (!takesText || !like) return 'See --help.'
  return 'A text that begins with - stands last, behind one more --, as in: -- -- "-5 degrees".'
}
