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
    const meantAsText = (config.allowPositionals ?? false) && words.some(isLikeAText)
    const known = problem?.startsWith('Unknown option') ? `${optionsOf(config)} ` : ''
    throw new BridgeError('usage.invalid', `${problem}. ${meantAsText ? textHint : `${known}See --help.`}`)
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

function optionsOf({ options = {} }: ParseArgsConfig): string {
  const names = Object.keys(options).map((name) => `--${name}`)
  return `The options are ${names.join(', ')}.`
}

const textHint = 'A text that begins with - stands last, behind one more --, as in: -- -- "-5 degrees".'

function isLikeAText(word: string): boolean {
  return /^-(\W|\d|.*\s)/s.test(word) && word !== '--' && !/^--[a-z][a-z-]*(=|$)/.test(word)
}
