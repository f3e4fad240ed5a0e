import { settingNames } from '../src/config.ts'
import { settingOf } from '../src/environment.ts'
import { BridgeError } from '../src/errors.ts'
import { type Gender, genders, type VoiceDescription, type VoiceFilter } from '../src/speech/async/voices.ts'
import { readWords } from './read-words.ts'

export const voicesHelp = `Look at and look after the voices of your Async account. Needs ASYNC_API_KEY and no other setting.

  npm run voices -- list [filters]      your own voices and Async's
  npm run voices -- show ID [ID …]      all that is known of them
  npm run voices -- preview ID [FILE]   save how it sounds; its format decides the end of the file's name
  npm run voices -- clone FILE --name NAME [description]
                                        make a voice from 3 s of speech or more (WAV, MP3, FLAC, AIFF, up to 10 MB)
  npm run voices -- update ID [description]
  npm run voices -- delete ID [--yes]   asks first

Filters
  --language CODE --accent ACCENT --gender GENDER --style STYLE --model ID
  --mine            your own voices only
  --limit N         so many at most (default: 10)
  --all             every one
  --after ID        those behind this voice of the list

Description
  --name NAME --description TEXT --accent ACCENT --gender GENDER --style STYLE
  --enhance         clone only: let Async clean the recording

  --json            print JSON on standard output, all else on standard error
  --yes             delete without asking
  --help            this text
  NAME=value        sets any setting of .env for this run

GENDER is one of ${genders.join(', ')}.
Exit codes: 0 done; 1 Async refused it or cannot be reached, or it was not deleted after all; 2 wrong words or settings.
`

export type VoicesCommand =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'list'
      readonly filter: VoiceFilter
      /** Infinity for all. */
      readonly limit: number
      readonly after: string | undefined
    }
  | { readonly kind: 'show'; readonly voiceIds: readonly string[] }
  | { readonly kind: 'preview'; readonly voiceId: string; readonly file: string | undefined }
  | { readonly kind: 'clone'; readonly file: string; readonly described: CloneDescription }
  | { readonly kind: 'update'; readonly voiceId: string; readonly changes: VoiceDescription }
  | { readonly kind: 'delete'; readonly voiceId: string; readonly yes: boolean }

type CloneDescription = VoiceDescription & { readonly name: string; readonly enhance?: boolean }

export interface VoicesArguments {
  readonly command: VoicesCommand
  readonly json: boolean
  readonly settings: Readonly<Record<string, string>>
}

const description = ['name', 'description', 'accent', 'gender', 'style']
/** The options of each command, and how many words follow it. */
const commands: Readonly<
  Record<string, { options: readonly string[]; words: readonly [least: number, most: number] }>
> = {
  list: { options: ['language', 'accent', 'gender', 'style', 'model', 'mine', 'limit', 'all', 'after'], words: [0, 0] },
  show: { options: [], words: [1, 100] },
  preview: { options: [], words: [1, 2] },
  clone: { options: [...description, 'enhance'], words: [1, 1] },
  update: { options: description, words: [1, 1] },
  delete: { options: ['yes'], words: [1, 1] },
}

/** @throws BridgeError `usage.invalid` */
export function readVoicesArguments(words: readonly string[]): VoicesArguments {
  const { values, positionals } = readWords(words, {
    allowPositionals: true,
    options: {
      language: { type: 'string' },
      accent: { type: 'string' },
      gender: { type: 'string' },
      style: { type: 'string' },
      model: { type: 'string' },
      mine: { type: 'boolean' },
      limit: { type: 'string' },
      all: { type: 'boolean' },
      after: { type: 'string' },
      name: { type: 'string' },
      description: { type: 'string' },
      enhance: { type: 'boolean' },
      yes: { type: 'boolean', short: 'y' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const settings: Record<string, string> = {}
  const [kind, ...rest] = positionals.filter((word) => {
    const setting = settingOf(word)
    if (!setting || !settingNames.includes(setting.name)) return true
    settings[setting.name] = setting.value
    return false
  })
  const { json = false, help = false, ...options } = values
  if (help) return { command: { kind: 'help' }, json, settings }
  const rule = kind !== undefined && Object.hasOwn(commands, kind) ? commands[kind] : undefined
  if (kind === undefined || !rule)
    throw usage(
      `Expected one of ${Object.keys(commands).join(', ')}; ${kind === undefined ? 'nothing' : `"${kind}"`} came.`,
    )
  const foreign = Object.keys(options).find((name) => !rule.options.includes(name))
  if (foreign !== undefined) throw usage(`--${foreign} is no option of ${kind}.`)
  const [least, most] = rule.words
  if (rest.length < least) throw usage(`Expected ${kind === 'clone' ? 'a file' : 'the id of a voice'} after ${kind}.`)
  if (rest.length > most)
    throw usage(`Expected fewer words after ${kind}; ${rest.length} came. Quote a text of several words.`)
  return { command: commandOf(kind, rest, options), json, settings }
}

type Options = Readonly<Partial<Record<string, string | boolean>>>

function commandOf(kind: string, [first = '', second, ...more]: readonly string[], options: Options): VoicesCommand {
  const described = descriptionOf(options)
  const text = (name: string) => (typeof options[name] === 'string' ? options[name] : undefined)
  switch (kind) {
    case 'list': {
      const { name: _name, description: _description, ...same } = described
      const [language, modelId] = [text('language'), text('model')]
      const filter: VoiceFilter = {
        ...same,
        ...(language === undefined ? {} : { language }),
        ...(modelId === undefined ? {} : { modelId }),
        ...(options['mine'] === true ? { mine: true } : {}),
      }
      return { kind, filter, limit: limitOf(text('limit'), options['all'] === true), after: text('after') }
    }
    case 'show':
      return { kind, voiceIds: [first, ...(second === undefined ? [] : [second]), ...more] }
    case 'preview':
      return { kind, voiceId: first, file: second }
    case 'clone': {
      const { name } = described
      if (name === undefined || name.trim() === '') throw usage('Expected a name for the new voice (--name).')
      return { kind, file: first, described: { ...described, name, ...(options['enhance'] ? { enhance: true } : {}) } }
    }
    case 'update':
      if (Object.keys(described).length === 0)
        throw usage(`Expected what to change: ${description.map((name) => `--${name}`).join(', ')}.`)
      return { kind, voiceId: first, changes: described }
    default:
      return { kind: 'delete', voiceId: first, yes: options['yes'] === true }
  }
}

function descriptionOf(options: Options): VoiceDescription {
  const texts = ['name', 'description', 'accent', 'style'].flatMap((name) => {
    const value = options[name]
    return typeof value === 'string' ? [[name, value] as const] : []
  })
  const gender = genderOf(options['gender'])
  return { ...Object.fromEntries(texts), ...(gender === undefined ? {} : { gender }) }
}

function genderOf(word: string | boolean | undefined): Gender | undefined {
  if (typeof word !== 'string') return undefined
  const gender = genders.find((known) => known.toLowerCase() === word.toLowerCase())
  if (gender) return gender
  throw usage(`--gender: expected one of ${genders.join(', ')}; "${word}" came.`)
}

function limitOf(text: string | undefined, all: boolean): number {
  if (all && text !== undefined) throw usage('Expected --limit or --all, not both.')
  if (all) return Number.POSITIVE_INFINITY
  if (text === undefined) return 10
  if (/^\d{1,6}$/.test(text) && Number(text) > 0) return Number(text)
  throw usage(`--limit: expected a whole number from 1 on; "${text}" came.`)
}

function usage(problem: string): BridgeError {
  return new BridgeError('usage.invalid', `${problem} See --help.`)
}
