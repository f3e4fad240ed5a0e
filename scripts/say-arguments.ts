import { settingNames } from '../src/config.ts'
import { settingOf } from '../src/environment.ts'
import { BridgeError } from '../src/errors.ts'
import { readWords } from './read-words.ts'

export const sayHelp = `Speak a text into a file. No call, and no Twilio account; the provider local needs no account at all.

  npm run say -- TEXT FILE [options] [NAME=value …]

  TEXT              what to say; - reads it from standard input; one that begins with - stands behind one more --
  FILE              where to; its ending (.wav, .mp3, .raw) decides the container
  --provider NAME   async, async-http, deepgram, deepgram@eu, … or local (default: the first of SPEECH_PROVIDERS)
  --voice ID        voice (ASYNC_VOICE_ID)
  --model ID        voice model (ASYNC_MODEL_ID)
  --language CODE   language of the text, such as en (ASYNC_LANGUAGE)
  --speed FACTOR    0.7 to 2, for models that have it (async_flash_v1.0)

Of the provider async only; the others write mu-law at 8,000 Hz in a WAV file, byte for byte what a call would hear:
  --container NAME  wav, mp3 or raw
  --encoding NAME   pcm_s16le (default) or pcm_f32le, for wav and raw
  --rate HZ         8000 to 48000 (default: 44100)
  --bit-rate BPS    32000 to 320000, for mp3 (default: 192000)
  --stability N     0 to 100, for models that have it (async_flash_v1.0)
  --timestamps      also write the times of the words: FILE.words.json and FILE.vtt, without the ending of FILE

  --help            this text
  NAME=value        sets any setting of .env for this run

Examples
  npm run say -- "Your order has shipped." out.wav
  npm run say -- "Hello." out.wav --provider local
  npm run say -- "Hello." out.mp3 --timestamps

Exit codes: 0 written; 1 the provider refused it or failed; 2 wrong words or settings.
`

export const containers = ['wav', 'mp3', 'raw'] as const
export const encodings = ['pcm_s16le', 'pcm_f32le'] as const

/** Undefined is what was not given. */
export interface SayArguments {
  readonly help: boolean
  /** `-` stands for standard input. */
  readonly text: string
  readonly file: string
  readonly provider: string | undefined
  readonly container: (typeof containers)[number] | undefined
  readonly encoding: (typeof encodings)[number] | undefined
  readonly rateHz: number | undefined
  readonly bitRate: number | undefined
  readonly speed: number | undefined
  readonly stability: number | undefined
  readonly timestamps: boolean
  /** Settings for this run, under the name of the option or the NAME they were written as. */
  readonly settings: Readonly<Record<string, string>>
}

/** @throws BridgeError `usage.invalid` */
export function readSayArguments(words: readonly string[]): SayArguments {
  const { values, positionals } = readWords(words, {
    allowPositionals: true,
    options: {
      provider: { type: 'string' },
      voice: { type: 'string' },
      model: { type: 'string' },
      language: { type: 'string' },
      container: { type: 'string' },
      encoding: { type: 'string' },
      rate: { type: 'string' },
      'bit-rate': { type: 'string' },
      speed: { type: 'string' },
      stability: { type: 'string' },
      timestamps: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const settings: Record<string, string> = {}
  const rest = positionals.filter((word) => {
    const setting = settingOf(word)
    if (!setting || !settingNames.includes(setting.name)) return true
    settings[setting.name] = setting.value
    return false
  })
  const options = { '--voice': values.voice, '--model': values.model, '--language': values.language }
  for (const [name, value] of Object.entries(options)) if (value !== undefined) settings[name] = value
  const help = values.help ?? false
  if (!help && rest.length !== 2)
    throw usage(`Expected a text and a file, as in npm run say -- "Hello." out.wav; ${rest.length} words came.`)
  const [text = '', file = ''] = rest
  return {
    help,
    text,
    file,
    provider: values.provider,
    container: oneOf('--container', containers, values.container),
    encoding: oneOf('--encoding', encodings, values.encoding),
    rateHz: whole('--rate', values.rate, 8000, 48_000),
    bitRate: whole('--bit-rate', values['bit-rate'], 32_000, 320_000),
    speed: number('--speed', values.speed, 0.7, 2),
    stability: whole('--stability', values.stability, 0, 100),
    timestamps: values.timestamps ?? false,
    settings,
  }
}

function oneOf<T extends string>(option: string, known: readonly T[], word: string | undefined): T | undefined {
  const found = known.find((one) => one === word)
  if (word === undefined || found !== undefined) return found
  throw usage(`${option}: expected one of ${known.join(', ')}; "${word}" came.`)
}

function whole(option: string, word: string | undefined, least: number, most: number): number | undefined {
  const value = number(option, word, least, most)
  if (value === undefined || Number.isInteger(value)) return value
  throw usage(`${option}: expected a whole number from ${least} to ${most}; "${word}" came.`)
}

function number(option: string, word: string | undefined, least: number, most: number): number | undefined {
  if (word === undefined) return undefined
  const value = /^\d+(\.\d+)?$/.test(word) ? Number(word) : Number.NaN
  if (value >= least && value <= most) return value
  throw usage(`${option}: expected a number from ${least} to ${most}; "${word}" came.`)
}

function usage(problem: string): BridgeError {
  return new BridgeError('usage.invalid', `${problem} See --help.`)
}
