import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'dotenv'
import { BridgeError } from './errors.ts'

type Layer = Readonly<Record<string, string | undefined>>

/**
 * The layers that settings are read from, the later wins: the environment, the file `.env`, and `NAME=value` words.
 *
 * @throws BridgeError `usage.invalid` for a word that is not `NAME=value`
 */
export function readEnvironment(words: readonly string[], file = '.env'): readonly Layer[] {
  const given: Record<string, string> = {}
  for (const word of words) {
    const setting = settingOf(word)
    if (!setting) throw new BridgeError('usage.invalid', 'Expected NAME=value settings only on this command line.')
    given[setting.name] = setting.value
  }
  return [process.env, existsSync(file) ? parse(readFileSync(file)) : {}, given]
}

/** `NAME=value`, or undefined for any other word. */
export function settingOf(word: string): { readonly name: string; readonly value: string } | undefined {
  const match = /^([A-Z][A-Z0-9_]*)=(.*)$/s.exec(word)
  return match?.[1] === undefined ? undefined : { name: match[1], value: match[2] ?? '' }
}
