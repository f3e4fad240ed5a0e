import { phoneNumber } from '../src/call/phone-number.ts'
import { aliasNames, settingNames } from '../src/config.ts'
import { settingOf } from '../src/environment.ts'
import { BridgeError } from '../src/errors.ts'
import { readWords } from './read-words.ts'

export const dialHelp = `Speak a text into a phone call.

  npm run dial -- [NUMBER] TEXT [options] [NAME=value …]

  NUMBER            whom to call, as +15551234567 (default: OUTBOUND_NUMBER)
  TEXT              what to say; - reads it from standard input
  --from NUMBER     the Twilio number to call from (default: TWILIO_FROM_NUMBER)
  --voice ID        voice (ASYNC_VOICE_ID)
  --model ID        voice model (ASYNC_MODEL_ID)
  --language CODE   language of the text, such as en (ASYNC_LANGUAGE)
  --timeout SECONDS how long the phone may ring (RING_TIMEOUT_MS)
  --save FILE.wav   keep the audio that was sent and confirmed as heard
  --json            print the outcome as one JSON object on standard output, all else on standard error
  --help            this text

  NAME=value sets any setting of .env for this run.

Examples
  npm run dial -- +15551234567 "Your order has shipped."
  echo "The build is green." | npm run dial -- +15551234567 -
  npm run dial -- +15551234567 "Guten Tag." --language de --timeout 20
  npm run dial -- "Hello." OUTBOUND_NUMBER=+15551234567 LOG_LEVEL=debug

Exit codes: 0 heard to the end, 1 the call ended otherwise, 2 wrong usage or settings, 130 Ctrl-C.
`

export interface DialArguments {
  readonly help: boolean
  readonly json: boolean
  readonly save: string | undefined
  /** E.164; undefined: the setting says whom. */
  readonly number: string | undefined
  /** `-` stands for standard input. */
  readonly text: string | undefined
  /** Settings for this run, from options and NAME=value words. */
  readonly settings: Readonly<Record<string, string>>
}

/** @throws BridgeError `usage.invalid` or `number.invalid` */
export function readDialArguments(words: readonly string[]): DialArguments {
  const { values, positionals } = readWords(words, {
    allowPositionals: true,
    options: {
      from: { type: 'string' },
      voice: { type: 'string' },
      model: { type: 'string' },
      language: { type: 'string' },
      timeout: { type: 'string' },
      save: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const settings: Record<string, string> = {}
  const rest = positionals.filter((word) => {
    const setting = settingOf(word)
    if (!setting || !(settingNames.includes(setting.name) || aliasNames.includes(setting.name))) return true
    settings[setting.name] = setting.value
    return false
  })
  const options = {
    TWILIO_FROM_NUMBER: values.from,
    ASYNC_VOICE_ID: values.voice,
    ASYNC_MODEL_ID: values.model,
    ASYNC_LANGUAGE: values.language,
    RING_TIMEOUT_MS: values.timeout === undefined ? undefined : String(milliseconds(values.timeout)),
  }
  for (const [name, value] of Object.entries(options)) if (value !== undefined) settings[name] = value
  if (rest.length > 2) {
    throw new BridgeError('usage.invalid', `Expected a number and a text; ${rest.length} words came. Quote the text.`)
  }
  const [number, text] = rest.length === 2 ? rest : [undefined, rest[0]]
  return {
    help: values.help ?? false,
    json: values.json ?? false,
    save: values.save,
    number: number === undefined ? undefined : phoneNumber(number, 'the number to call'),
    text,
    settings,
  }
}

function milliseconds(text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0) {
    throw new BridgeError('usage.invalid', `Expected seconds after --timeout, such as 20; "${text}" came.`)
  }
  return Math.round(value * 1000)
}
