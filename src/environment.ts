import { readFileSync } from 'node:fs'
import { parse } from 'dotenv'
import { BridgeError } from './errors.ts'

type Layer = Readonly<Record<string, string | undefined>>

/**
 * The layers that settings are read from, the later wins: the environment, the file `.env`, and `NAME=value` words.
 * What stands in the first two under names that are no settings is left alone; a word is meant for us.
 *
 * @param names the settings that words may set
 * @throws BridgeError `usage.invalid` for a word that is no setting; `config.invalid` for a file that cannot be read
 */
export function readEnvironment(
  words: readonly string[] = [],
  names: readonly string[] = [],
  file = '.env',
): readonly Layer[] {
  const given: Record<string, string> = {}
  for (const word of words) {
    const setting = settingOf(word)
    if (!setting)
      throw new BridgeError('usage.invalid', 'Expected NAME=value settings only on this command line. See --help.')
    if (!names.includes(setting.name)) throw noSetting(setting.name)
    given[setting.name] = setting.value
  }
  return [process.env, readSettingsFile(file), given]
}

function readSettingsFile(file: string): Layer {
  try {
    return parse(readFileSync(file))
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown'
    if (code === 'ENOENT') return {}
    throw new BridgeError('config.invalid', `The file ${file} cannot be read (${code}).`, { cause: thrown })
  }
}

export function noSetting(name: string): BridgeError {
  return new BridgeError('usage.invalid', `${name} is no setting. docs/settings.md lists them.`)
}

/** `NAME=value`, or undefined for any other word. */
export function settingOf(word: string): { readonly name: string; readonly value: string } | undefined {
  const match = /^([A-Z][A-Z0-9_]*)=(.*)$/s.exec(word)
  return match?.[1] === undefined ? undefined : { name: match[1], value: match[2] ?? '' }
}
